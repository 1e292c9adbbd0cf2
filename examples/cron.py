"""Run a workflow from cron: one time limit for everything, and an exit code.

Asks a sandbox where there is no SIM_API_KEY.
Exit 0 done, 1 failed, 5 the service is at its limit, 6 no answer in time.
"""

import sys

from specwire import Client, errors
from specwire.sandbox import fallback

WORKFLOW = sys.argv[1] if len(sys.argv) > 1 else "workflow-id"


def main() -> int:
    with Client(**fallback("sim")) as client:
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
