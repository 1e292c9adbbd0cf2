"""Run a workflow from cron: one time limit for everything, and an exit code.

Needs SIM_API_KEY; or run `specwire sandbox` and use what it prints.
Exit 0 done, 1 failed, 5 the service is at its limit, 6 no answer in time.
"""

import sys

from specwire import Client, errors

WORKFLOW = sys.argv[1] if len(sys.argv) > 1 else "workflow-id"


def main() -> int:
    with Client() as client:
        try:
            result = client.execute_with_retry(
                WORKFLOW, {"job": "nightly"}, timeout=300, max_retries=5
            )
        except errors.APITimeoutError as error:
            print(error, file=sys.stderr)
            return 6
        except (errors.RateLimitError, errors.OverloadedError) as error:
            print(f"{error}; retry after {error.retry_after_s} s", file=sys.stderr)
            return 5
        except errors.SpecwireError as error:
            print(error, file=sys.stderr)
            return 1
    print(result.output)
    return 0 if result.success else 1


sys.exit(main())
