"""The measured process: ``python child.py PEER FIGURE PORT AMOUNT [FILE]``.

Prints one line: ``ready`` for the figure ``start``, whose clock is outside, and for
the others a JSON object of row keys and values. It fails loudly when the work was not
done, so a figure never stands for a call that was refused. Not run by hand.
"""

from __future__ import annotations

import sys

import peers

WARM_UP = 20


def start(peer, _amount):
    """One call, as short a script as a user could write."""
    method = getattr(peer, "call", None)
    text = method(1, peers.SAY_HI) if method else peer.workflow(1)
    check(text, len(text) > 100)
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def call(peer, amount):
    """Small calls over one kept connection."""
    return _calls("call", amount, lambda count: peer.call(count, peers.SAY_HI))


def long(peer, amount):
    """Calls that carry a conversation of 200 turns."""
    turns = []
    for number in range(200):
        text = {"type": "text", "text": f"turn {number} " + "word " * 46}
        turns.append({"role": ("user", "assistant")[number % 2], "content": [text]})
    turns.append({"role": "user", "content": "go on"})
    return _calls("long", amount, lambda count: peer.call(count, turns))


def large(peer, amount):
    """Calls whose reply has 200 KB in 400 blocks."""

    def work(count):
        return peer.call(count, peers.SAY_HI, "/large")

    return _calls("large", amount, work)


def workflow(peer, amount):
    """Workflow runs over one kept connection."""
    return _calls("workflow", amount, peer.workflow)


def events(peer, amount):
    """Typed events that arrive in large writes."""
    return _stream("events", peer, amount, peer.events, "")


def drip(peer, amount):
    """Typed events that arrive one by one."""
    return _stream("drip", peer, amount, peer.events, "/drip")


def final(peer, amount):
    """A streamed message put together; five letters come with each event."""

    def work(prefix):
        return len(peer.final(prefix)) // 5

    return _stream("final", peer, amount, work, "")


def delivery(peer, _amount):
    """Events with the time they were written in them, one each millisecond."""
    from time import monotonic_ns

    import serving

    values, all_waits = {}, []
    with serving.delivering() as base:
        for framing in ("chunked", "length", "close"):
            waits = []
            for text in peer.texts(f"{base}/{framing}"):
                if text.startswith("@"):
                    waits.append((monotonic_ns() - int(text[1:])) / 1e3)
            check(len(waits), len(waits) == serving.DELIVERED)
            waits.sort()
            values[f"delivery_{framing}"] = waits[len(waits) // 2]
            all_waits += waits
    all_waits.sort()
    values["delivery_p99"] = all_waits[len(all_waits) * 99 // 100]
    return values


def crowd(peer, amount):
    """Threads that share one client, as fast as they can."""
    return {"crowd": _threads(peer, 8, max(amount, 80), "")}


def wide(peer, amount):
    """More threads than most pools have connections."""
    from urllib.request import urlopen

    def accepted():
        with urlopen(f"{peer.base}/connections") as reply:
            return int(reply.read())

    before = accepted()
    rate = _threads(peer, 32, max(amount * 3, 640), "/late")
    return {"wide": rate, "wide_connections": accepted() - before - 1}


def _threads(peer, count, amount, prefix):
    from threading import Thread
    from time import perf_counter

    peer.call(1, peers.SAY_HI, prefix)  # what a first call loads is in other figures
    each, done = amount // count, []

    def work():
        done.append(peer.call(each, peers.SAY_HI, prefix))

    threads = [Thread(target=work) for _ in range(count)]
    before = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = perf_counter() - before
    check(done, len(done) == count)
    return each * count / taken


def run(peer, amount):
    """A durable run of items; raw requests are made in plain threads instead."""
    from time import perf_counter, process_time

    values, threads = {}, 32
    amount = max(amount * 3 // threads, 2) * threads
    peer.run(threads, threads, "")
    for key, prefix in (("run_late", "/late"), ("run", "")):
        before = perf_counter()
        count = peer.run(amount, threads, prefix)
        values[key] = amount / (perf_counter() - before)
        check(count, count == amount)
    cpu = []
    for work in (peer.plain, peer.run):
        before = process_time()
        work(amount, threads, "/late")
        cpu.append(process_time() - before)
    values["run_more"] = (cpu[1] - cpu[0]) / amount * 1e6
    return values


def run_journal(peer, amount):
    """A durable run, and one whose journal keeps nothing, in turn."""
    from statistics import median
    from time import perf_counter

    threads = 32
    amount = max(amount * 3 // threads, 2) * threads
    peer.run(threads, threads, "")
    taken = {peer.run: [], peer.forgotten: []}
    for _ in range(3):
        for work, times in taken.items():
            before = perf_counter()
            work(amount, threads, "")
            times.append(perf_counter() - before)
    kept, forgotten = map(median, taken.values())
    return {"run_journal": (kept - forgotten) / amount * 1e6}


def layers(peer, amount):
    """Each layer on a call that is answered at once, beside the call without it."""
    return peer.layers(amount)


def run_memory(peer, amount):
    """What a hundred times the items add to the largest resident size."""
    sizes = []
    for count in (1_000, amount // 10, amount):
        done = peer.kept(count)
        check(done, done == count)
        sizes.append(peak() / 1e6)
    return {"run_memory": sizes[2] - sizes[0], "run_growth": sizes[2] - sizes[1]}


def memory(peer, _amount):
    """The process after its first call, and what one more client adds."""
    import gc
    from time import process_time

    peer.call(1, peers.SAY_HI)
    gc.collect()
    values = {"memory": resident() / 1e6}
    made = [peer.make(peer.base) for _ in range(20)]
    before_size, before = resident(), process_time()
    made += [peer.make(peer.base) for _ in range(200)]
    taken = process_time() - before
    gc.collect()
    values["client_memory"] = (resident() - before_size) / 200 / 1e3
    values["client_time"] = taken / 200 * 1e3
    return values


def streams(peer, _amount):
    """Streams that have given one event and stay open, of one client."""
    import serving

    with serving.delivering() as base:
        held = [peer.opened(f"{base}/held") for _ in range(20)]
        before = resident()
        held += [peer.opened(f"{base}/held") for _ in range(100)]
        grown = resident() - before
        del held
    return {"stream_memory": grown / 100 / 1e3}


def async_calls(peer, amount):
    """Tasks that share one client, each with a call, all under way together."""
    return _asked(peer, amount, "async_calls", "async_cpu")


def async_steady(peer, amount):
    """Fifty tasks that share one client, each with one call after the other."""
    each = max(amount // 50, 2)
    return _asked(peer, 50, "async_steady", "async_steady_cpu", each)


def _asked(peer, tasks, rate, cost, each=1):
    from asyncio import gather, run
    from time import perf_counter, process_time

    amount = tasks * each

    async def work():
        client = peer.tasks(f"{peer.base}/late")
        texts = []

        async def one():
            for _ in range(each):
                texts.append(await client.ask())

        await client.ask()
        texts.clear()
        before, cpu = perf_counter(), process_time()
        await gather(*(one() for _ in range(tasks)))
        taken, cpu = perf_counter() - before, process_time() - cpu
        await client.close()
        check(texts, len(texts) == amount and all(len(text) > 100 for text in texts))
        return {rate: amount / taken, cost: cpu / amount * 1e6}

    return run(work())


def async_streams(peer, amount):
    """Streams that have given one event and stay open, of one client."""
    return _held(peer, amount // 2, "async_stream_memory", "async_stream_cpu")


def _held(peer, amount, memory, cost):
    import gc
    from asyncio import gather, run
    from time import process_time

    import serving

    async def work(base):
        client = peer.tasks(f"{base}/held")
        held = await gather(*(client.hold() for _ in range(20)))
        gc.collect()
        before, cpu = resident(), process_time()
        held += await gather(*(client.hold() for _ in range(amount)))
        cpu = process_time() - cpu
        gc.collect()
        grown = resident() - before
        del held
        await client.close()
        return {memory: grown / amount / 1e3, cost: cpu / amount * 1e6}

    with serving.delivering() as base:
        return run(work(base))


def async_many(peer, amount):
    """More tasks than most clients have connections."""
    values = _held(peer, amount * 2 // 5, "async_many_memory", "")
    values |= _asked(peer, amount, "async_many", "async_many_cpu")
    del values[""]
    return values


def tls(peer, _amount):
    """Calls that each need a connection of their own, certificates checked."""
    from time import process_time

    import serving

    with serving.secured(sys.argv[5]) as base:
        peer.secure(base, 3)
        before = process_time()
        peer.secure(base, 20)
        return {"tls": (process_time() - before) / 20 * 1e3}


def lines(peer, amount):
    """Results of a batch."""
    from time import process_time

    peer.call(1, peers.SAY_HI)
    before = process_time()
    count = peer.lines()
    taken = process_time() - before
    check(count, count == amount)
    return {"lines": amount / taken}


def upload(peer, amount):
    """A large file from a path."""

    def work():
        return peer.upload(sys.argv[5]) == "file_1"

    return _transfer("upload", peer, amount, work)


def download(peer, amount):
    """A large file to a path: the null device, so that no disk is measured."""
    import os

    def work():
        return peer.download(os.devnull) in (amount, None)

    return _transfer("download", peer, amount, work)


def check(seen, good):
    """End the measurement when the client did not do what was asked."""
    if not good:
        raise SystemExit(f"the client gave {seen!r:.100}, which is not what was sent")


def _calls(key, amount, work):
    from time import process_time

    work(WARM_UP)
    before = process_time()
    text = work(amount)
    taken = process_time() - before
    check(text, len(text) > 100)
    return {key: taken / amount * 1e6}


def _stream(key, peer, amount, work, prefix):
    from time import process_time

    work("/short")
    peer.client(prefix)
    before = process_time()
    count = work(prefix)
    taken = process_time() - before
    # Vendors differ in how many events frame the same text.
    check(count, amount * 0.99 < count < amount * 1.01)
    return {key: taken / amount * 1e6}


def _transfer(key, peer, amount, work):
    from time import perf_counter

    peer.upload(__file__)
    start_peak = peak()
    before = perf_counter()
    done = work()
    taken = perf_counter() - before
    check(done, done)
    growth = (peak() - start_peak) / 1e6
    return {key: amount / taken / 1e6, f"{key}_memory": growth}


def resident():
    """Give the process's resident size in bytes."""
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * 4096


def peak():
    """Give the process's largest resident size in bytes."""
    try:
        # Unlike ru_maxrss it starts anew when a process is replaced by another program.
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    name, figure, port, amount = sys.argv[1:5]
    values = globals()[figure](peers.find(name)(port), int(amount))
    if values is not None:
        import json

        print(json.dumps(values))
