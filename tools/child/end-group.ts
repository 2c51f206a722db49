/** Ends a process and those that it has started, which may go on after it has ended. */
export function endGroup(leader: number): void {
  for (const id of [-leader, leader]) {
    try {
      process.kill(id, "SIGKILL");
    } catch {
      // it has ended, or there are no groups on this system
    }
  }
}
