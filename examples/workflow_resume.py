"""A workflow that waits for a person: started, found waiting, answered.

A run is known by its identifiers, so each step may be a program of its own, or the next
start of one that died in between. Asks a sandbox where there is no SIM_API_KEY; a
workflow whose name begins with wf_pause waits there.
"""

import sys

from specwire import Client
from specwire.sandbox import fallback

WORKFLOW = sys.argv[1] if len(sys.argv) > 1 else "wf_pause"

with Client(**fallback("sim"), api_version="v2") as client:
    started = client.execute_workflow(WORKFLOW, {"order": 17}, async_execution=True)
    print("started", started.task_id)
    job = client.jobs.wait(started.task_id, timeout=600)
    print("it is", job.status)
    if job.paused:
        resumed = client.workflows.runs.resume(
            WORKFLOW,
            started.task_id,
            context_id=job.paused["contextId"],
            input={"approved": True},
        )
        run = client.workflows.runs.get(WORKFLOW, resumed.run_id, include_output=True)
        print("it goes on as", run.run_id, "and is", run.status)
        print(run.output)
    else:
        print(job.output)
