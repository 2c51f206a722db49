/**
 * Jobs on all threads. A job is a number of items, claimed in runs by threads that are free, so a thread that the system
 * has suspended delays the others only if it holds a run. Runs are long at first and `grain` items at last: all threads end
 * at about the same time, with few claims. The caller works too and returns when all items are done.
 *
 * The ticket is one 64-bit word, job number and next item, changed by compare-and-swap: a thread that read the board of
 * an earlier job cannot claim items of a later one. Between jobs the item half is CLOSED; the board is written only then.
 */
import { ARGUMENTS, DONE, JOB, LIST, SLEEPERS, STOP, TICKET, WAITING } from "./addresses";

const CLOSED: i64 = 0x7fffffff;
/** Number of times a worker reads the ticket before it sleeps: about 100 µs, longer than the time between two kernels. */
const PATIENCE: i32 = 60_000;

@unmanaged
class Listed {
  /** Index into the table. */
  kernel: i32;
  items: i32;
  grain: i32;
  /** Number of argument words, which follow. */
  words: i32;
}

/** Runs the jobs of the list one after the other: on all threads, or on this one if one claim would take all items. */
export function runList(jobs: i32, threads: i32): void {
  for (let at = LIST; jobs > 0; jobs--) {
    const job = changetype<Listed>(at);
    const args = at + offsetof<Listed>();
    if (threads == 1 || job.items <= job.grain) call_indirect<void>(job.kernel, args, 0, job.items, 0);
    else share(job.kernel, job.items, job.grain, threads, args);
    at = args + ((<usize>job.words) << 2);
  }
}

/** One job. `kernel` is an index into the table; its arguments are at ARGUMENTS. */
export function run(kernel: i32, items: i32, grain: i32, threads: i32): void {
  share(kernel, items, grain, threads, ARGUMENTS);
}

/** The caller's side of a job on all threads. */
function share(kernel: i32, items: i32, grain: i32, threads: i32, args: usize): void {
  store<i32>(JOB, kernel);
  store<i32>(JOB, items, 4);
  store<i32>(JOB, grain, 8);
  store<i32>(JOB, 2 * threads * grain, 12);
  store<usize>(JOB, args, 16);
  atomic.store<i32>(DONE, 0);
  const job = (atomic.load<i64>(TICKET) >>> 32) + 1;
  atomic.store<i64>(TICKET, job << 32);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(TICKET, -1);

  claim(0);

  let looks = 0;
  for (let done = atomic.load<i32>(DONE); done != items; done = atomic.load<i32>(DONE)) {
    if (++looks < PATIENCE) continue;
    atomic.store<i32>(WAITING, 1);
    atomic.wait<i32>(DONE, done, 1_000_000);
    atomic.store<i32>(WAITING, 0);
  }
  atomic.store<i64>(TICKET, (job << 32) | CLOSED);
}

/** A worker's loop, until STOP. */
export function serve(thread: i32): void {
  let looks = 0;
  while (atomic.load<i32>(STOP) == 0) {
    if (claim(thread)) looks = 0;
    const ticket = atomic.load<i64>(TICKET);
    if ((ticket & 0xffffffff) != CLOSED || ++looks < PATIENCE) continue;
    atomic.add<i32>(SLEEPERS, 1);
    if (atomic.load<i32>(STOP) == 0) atomic.wait<i64>(TICKET, ticket, -1);
    atomic.sub<i32>(SLEEPERS, 1);
    looks = 0;
  }
}

/** Ends the workers. */
export function stop(): void {
  atomic.store<i32>(STOP, 1);
  atomic.add<i64>(TICKET, 1 << 32);
  atomic.notify(TICKET, -1);
}

/** Works on the open job until all its items are taken; true if this thread took any. */
function claim(thread: i32): bool {
  let worked = false;
  let ticket = atomic.load<i64>(TICKET);
  while (<i32>ticket < load<i32>(JOB, 4)) {
    const first = <i32>ticket;
    const items = load<i32>(JOB, 4);
    const grain = load<i32>(JOB, 8);
    const grains = max((items - first) / load<i32>(JOB, 12), 1); // half of this thread's share of what is left
    const last = min(first + grains * grain, items);
    const kernel = load<i32>(JOB);
    const args = load<usize>(JOB, 16);
    const found = atomic.cmpxchg<i64>(TICKET, ticket, ticket + <i64>(last - first));
    if (found == ticket) {
      call_indirect<void>(kernel, args, first, last, thread);
      worked = true;
      const done = atomic.add<i32>(DONE, last - first) + last - first;
      if (done == items && atomic.load<i32>(WAITING) != 0) atomic.notify(DONE, 1);
    }
    ticket = atomic.load<i64>(TICKET);
  }
  return worked;
}
