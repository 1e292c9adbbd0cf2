"""What a type checker says of a program written for ``simstudio``; never run.

Its import line alone is changed. As in ``usage.py``, an ignore that is not needed is an
error.
"""

from __future__ import annotations

import os

from typing_extensions import assert_type

import specwire.compat.simstudio as module
from specwire.compat.simstudio import (
    AsyncExecutionResult,
    RateLimitInfo,
    SimStudioClient,
    SimStudioError,
    UsageLimits,
    WorkflowExecutionResult,
    WorkflowStatus,
    WorkflowStream,
)

client = SimStudioClient(os.getenv("SIM_API_KEY"), "https://sim.ai")
assert_type(module.Client("key", api_version="v2"), SimStudioClient)
SimStudioClient("key", api_version="v3")  # type: ignore[arg-type]

result = client.execute_workflow("w", {"message": "Hi"}, 30.0)
assert_type(result, WorkflowExecutionResult)
if result.metadata:
    print(result.metadata.get("duration"), result.error, result.status)
assert_type(client.execute_workflow("w", input=[1]), WorkflowExecutionResult)
receipt = client.execute_workflow("w", async_execution=True)
assert_type(receipt, AsyncExecutionResult)
assert_type(receipt.task_id, str)
assert_type(receipt.links["status"], str)
streamed = client.execute_workflow("w", stream=True, selected_outputs=["a.content"])
assert_type(streamed, WorkflowStream)
text: list[str] = list(streamed.text_stream)
flag = bool(text)
either = client.execute_workflow("w", stream=flag)
assert_type(either, WorkflowExecutionResult | AsyncExecutionResult | WorkflowStream)
repeated = client.execute_with_retry(
    "w", input_data={"a": 1}, max_retries=5, initial_delay=1.0, backoff_multiplier=2.0
)
assert_type(repeated, WorkflowExecutionResult)
client.execute_workflow("w", input_dat={})  # type: ignore[call-overload]

assert_type(client.get_workflow_status("w"), WorkflowStatus)
assert_type(client.validate_workflow("w"), bool)
status = client.get_job_status("t")
print(status["status"], client.get_job_status(job_id="t")["output"])
assert_type(client.get_rate_limit_info(), RateLimitInfo | None)
limits = client.get_usage_limits()
assert_type(limits, UsageLimits)
print(limits.rate_limit["sync"]["remaining"], limits.usage["plan"])

try:
    client.execute_workflow_sync("w")
except SimStudioError as error:
    assert_type(error.code, str | None)
    assert_type(error.status, int | None)
    assert_type(error.retry_after, float | None)
