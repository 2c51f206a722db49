/** The status of an error, as HTTP defines it (RFC 9110, RFC 6585, RFC 4918). */
import { expect, it } from "vitest";
import { FunAsrError } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { faultOf, RequestError } from "../../src/server/errors.ts";

it.each<[ErrorCode, number, string]>([
  ["bad_option", 400, "false"],
  ["access_denied", 401, "false"],
  ["offline", 403, "false"],
  ["unknown_model", 404, "false"],
  ["body_stalled", 408, "false"],
  ["body_too_large", 413, "false"],
  ["not_audio", 415, "false"],
  ["ctc_unavailable", 422, "false"],
  ["download_failed", 502, "false"],
  ["disposed", 503, "true"],
  ["disk_full", 507, "false"],
  ["non_finite", 500, "false"],
])("of %s is %i", (code, status, retry) => {
  const fault = faultOf(new FunAsrError(code, "file", "what was found"));
  expect([fault.status, fault.code, fault.headers["x-should-retry"]]).toEqual([status, code, retry]);
});

it("of what is none of ours is 500, and says nothing about it", () => {
  expect(faultOf(new TypeError("/home/secret"))).toMatchObject({
    status: 500,
    code: "internal",
    message: "the server failed (internal)",
    param: null,
  });
});

it("that has passed later may be asked for again", () => {
  const fault = faultOf(new RequestError("busy", "server", "no place", { retryAfter: 7 }));
  expect(fault).toMatchObject({ status: 429, headers: { "x-should-retry": "true", "retry-after": "7" } });
});
