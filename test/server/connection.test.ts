/** One WebSocket, whose other side is a stand-in. */
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WebSocket } from "ws";
import { Connection } from "../../src/server/websocket/connection.ts";

class StandIn extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  bufferedAmount = 0;
  pings = 0;
  readonly sent: string[] = [];
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  ping(): void {
    this.pings++;
  }
  send(text: string): void {
    this.sent.push(text);
  }
  terminate(): void {
    this.readyState = 3;
    this.emit("close", 1006);
  }
  close(): void {
    this.terminate();
  }
}

let socket: StandIn;
let connection: Connection;
beforeEach(() => {
  vi.useFakeTimers();
  socket = new StandIn();
  connection = new Connection(socket as unknown as WebSocket);
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a connection", () => {
  it("ends where the client answers no ping, but for while nothing is read from it", () => {
    vi.advanceTimersByTime(30_000);
    expect(socket.pings).toBe(1);
    socket.emit("pong");
    vi.advanceTimersByTime(30_000);
    expect(socket.pings).toBe(2);
    socket.pause();
    vi.advanceTimersByTime(300_000);
    expect([socket.pings, connection.signal.aborted]).toEqual([2, false]);
    socket.resume();
    vi.advanceTimersByTime(30_000);
    expect(connection.signal.aborted).toBe(true);
    vi.advanceTimersByTime(300_000);
    expect(socket.pings).toBe(2);
  });

  it("gives messages in order, and has the client wait from a megabyte on", async () => {
    const messages = connection.messages();
    const part = Buffer.alloc(400_000);
    for (let i = 0; i < 3; i++) {
      expect(socket.isPaused).toBe(false);
      part[0] = i;
      socket.emit("message", Buffer.from(part), true);
    }
    socket.emit("message", Buffer.from("text"), false);
    expect(socket.isPaused).toBe(true);
    for (let i = 0; i < 3; i++) expect(((await messages.next()).value as Uint8Array)[0]).toBe(i);
    expect(socket.isPaused).toBe(false);
    expect((await messages.next()).value).toBe("text");
    const next = messages.next();
    socket.emit("close", 1000);
    expect((await next).done).toBe(true);
  });

  it("waits with what it sends while the client does not read", async () => {
    socket.bufferedAmount = 2 ** 20 + 1;
    let isSent = false;
    const sending = connection.send({ a: 1 }).then(() => (isSent = true));
    await vi.advanceTimersByTimeAsync(1000);
    expect([socket.sent, isSent]).toEqual([['{"a":1}'], false]);
    socket.bufferedAmount = 2 ** 20;
    await vi.advanceTimersByTimeAsync(10);
    await sending;
    socket.bufferedAmount = 2 ** 21;
    const last = connection.send("text");
    socket.terminate();
    await vi.advanceTimersByTimeAsync(10);
    await last;
    await connection.send("nothing more");
    expect(socket.sent).toEqual(['{"a":1}', "text"]);
  });

  it("takes no message after the server has finished with it, and says that it goes away", async () => {
    const codes: unknown[] = [];
    socket.close = (...given: unknown[]) => void codes.push(given[0]);
    socket.emit("message", Buffer.from("before"), false);
    connection.finish();
    socket.emit("message", Buffer.from("after"), false);
    const messages = connection.messages();
    expect((await messages.next()).value).toBe("before");
    expect((await messages.next()).done).toBe(true);
    connection.close();
    expect(codes).toEqual([1001]);
  });
});
