"""Follows a ledger's events on very many connections, and says what that costs.

  follow_many.py URL SERVER_PID IDLE BUSY ORDERS QUIET_ACCOUNT CERTIFICATES COMMAND...

CERTIFICATES are names of files in the folder tls, or empty for a server without TLS. IDLE connections follow an account that nothing happens to, BUSY ones every payment; then COMMAND sends ORDERS
payments. Each busy connection must hear each payment once and in order, each idle one none."""
import asyncio, json, ssl, sys, time
from urllib.parse import urlsplit


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


class Follower:
    def __init__(self, query, tls):
        self.query, self.tls, self.sequences, self.lags, self.beats = query, tls, [], [], 0

    async def run(self, host, port, begun):
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 20, ssl=self.tls)
        writer.write(f"GET /v1/events{self.query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        if b" 200 " not in await reader.readline(): sys.exit("a follower was refused")
        begun.release()
        while line := await reader.readline():
            now = time.time()
            if line.startswith(b"data: "):
                event = json.loads(line[6:])
                self.sequences.append(event["sequence"])
                self.lags.append(now - event["time_us"] / 1e6)
            elif line.startswith(b"id: "): self.beats += 1


def context(name):
    made = ssl.create_default_context(cafile="tls/ca.pem")
    made.load_cert_chain(f"tls/{name}.pem", f"tls/{name}.key")
    return made


async def main(url, pid, idle, busy, orders, quiet, certificates, command):
    address, begun = urlsplit(url), asyncio.Semaphore(0)
    contexts = [context(name) for name in certificates] or [None]
    queries = [f"?account={quiet}"] * idle + ["?kind=pay"] * busy
    followers = [Follower(query, contexts[n % len(contexts)]) for n, query in enumerate(queries)]
    before, tasks = resident(pid), []
    for start in range(0, len(followers), 200):
        group = followers[start:start + 200]
        tasks += [asyncio.create_task(each.run(address.hostname, address.port, begun)) for each in group]
        for _ in group: await begun.acquire()
    await asyncio.sleep(3)
    with_all = resident(pid)
    sender, sent = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL), time.time()
    if await sender.wait(): sys.exit("the payments were not sent")
    duration = time.time() - sent
    waiting = followers[idle:]
    for _ in range(1200):
        if all(len(each.sequences) >= orders for each in waiting): break
        await asyncio.sleep(0.05)
    told = time.time() - sent
    if any(task.done() for task in tasks): sys.exit("a follower was cut off")
    first = waiting[0].sequences
    if len(first) != orders or first != sorted(set(first)): sys.exit(f"{len(first)} events, not {orders} in order")
    if any(each.sequences != first for each in waiting): sys.exit("followers heard different things")
    if any(each.sequences for each in followers[:idle]): sys.exit("an idle follower heard something")
    # Each idle one is told that it is still connected.
    await asyncio.sleep(16)
    if any(not each.beats for each in followers[:idle]): sys.exit("an idle follower was not told that all is well")
    lags = sorted(lag for each in waiting for lag in each.lags)
    at = lambda part: round(lags[min(len(lags) - 1, int(part * len(lags)))] * 1000, 1)
    print(json.dumps({
        "idle": idle, "busy": busy, "orders": orders, "memory_mb_before": round(before, 1),
        "memory_mb_followed": round(with_all, 1), "kb_a_follower": round((with_all - before) * 1024 / len(followers), 1),
        "memory_mb_after": round(resident(pid), 1), "sent_in_s": round(duration, 2), "told_in_s": round(told, 2),
        "lag_ms": {"median": at(0.5), "p99": at(0.99), "max": at(1)}}, indent=1))


if __name__ == "__main__":
    url, pid, idle, busy, orders, quiet, certificates, *command = sys.argv[1:]
    asyncio.run(main(url, int(pid), int(idle), int(busy), int(orders), quiet, certificates.split(), command))
