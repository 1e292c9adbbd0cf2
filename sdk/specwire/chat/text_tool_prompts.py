# ruff: noqa: RUF001 - the Chinese prompts have Chinese punctuation
"""What a model is told that calls tools in its text, and how it hears the results.

Three levels (AI-Protocol, ``docs/spec/text-tool-call/prompt.yaml``): L1 the rule, for
models that follow one; L2 also what not to write, for models with a form of their own;
L3 also an example to imitate. In English and Chinese. The lines that carry the format
are the protocol's, the sentences are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

_FORM: Final = """<tool_call>
{"name": "%s", "arguments": {"%s": "%s"}}
</tool_call>"""

_RULE: Final = {
    "en": """## Tool Use Protocol

Tools are at your disposal. You call one by writing this block, EXACTLY in this form:

{form}""",
    "zh": """## 工具调用协议

你有一组工具可用。需要调用时，严格按下面的格式写出一个块：

{form}""",
}
_PLAIN_RULES: Final = {
    "en": """Rules:
- The JSON holds "name" (a string) and "arguments" (an object).
- One call in one <tool_call> block; for several calls write several blocks.
- The user reads whatever you write outside of these blocks.""",
    "zh": """规则：
- JSON 里要有 "name"（字符串）和 "arguments"（对象）。
- 一个 <tool_call> 块只写一次调用；多次调用就写多个块。
- 块以外的文字会直接展示给用户。""",
}
_CRITICAL_RULES: Final = {
    "en": """CRITICAL RULES:
- Use <tool_call> ONLY. Never write <shell>, <bash>, <function>, <invoke> or \
<parameter>: they WILL BE IGNORED.
- The JSON holds "name" (a string) and "arguments" (an object).
- Put no tag around the block, <tool_calls> included.
- "name" belongs inside the JSON body, never in an attribute of the tag.
- A call in any other form WILL NOT execute.""",
    "zh": """关键规则：
- 只能使用 <tool_call>。不要写 <shell>、<bash>、<function>、<invoke>、\
<parameter>，它们将被忽略。
- JSON 里要有 "name"（字符串）和 "arguments"（对象）。
- 块外面不要再套标签，<tool_calls> 也不行。
- "name" 写在 JSON 里，不要写成标签的属性。
- 其他格式的调用不会被执行。""",
}
_EXAMPLE: Final = {
    "en": """An example conversation:

User: Which files are in this directory?
Assistant: Let me look.
{shell}

User: What does config.toml say?
Assistant:
{read}

Write your calls in the same way.""",
    "zh": """示例对话：

用户：这个目录里有哪些文件？
助手：我看一下。
{shell}

用户：config.toml 里写了什么？
助手：
{read}

请用同样的方式写出你的调用。""",
}
_TOOLS: Final = {"en": "Available tools:", "zh": "可用工具："}
_WORDS: Final = {"en": ("tool_name", "param", "value"), "zh": ("工具名", "参数", "值")}


def instructions(
    tools: Iterable[tuple[str, str, Mapping[str, Any]]],
    *,
    level: str = "L1",
    locale: str = "en",
    counterexamples: bool = True,
) -> str:
    """The text for the system message.

    :param tools: name, description and JSON Schema of the arguments of each.
    :param level: ``L1``, ``L2`` or ``L3``.
    :param locale: ``en`` or ``zh``, also as ``zh-CN``; any other is English.
    :param counterexamples: whether L2 and L3 name the forms that are wrong.
    """
    language = locale.lower().replace("_", "-").partition("-")[0]
    if language not in _RULE:
        language = "en"
    strict = level in ("L2", "L3") and counterexamples
    parts = [_RULE[language].format(form=_FORM % _WORDS[language])]
    if level == "L3":
        shell = _FORM % ("shell", "command", "ls -la")
        read = _FORM % ("file_read", "path", "config.toml")
        parts.append(_EXAMPLE[language].format(shell=shell, read=read))
    parts.append((_CRITICAL_RULES if strict else _PLAIN_RULES)[language])
    listed = "\n".join(_tool_lines(*tool) for tool in tools)
    if listed:
        parts.append(f"{_TOOLS[language]}\n{listed}")
    return "\n\n".join(parts) + "\n"


def _tool_lines(name: str, description: str, schema: Mapping[str, Any]) -> str:
    """One tool: the protocol's line, and under it what the arguments look like."""
    line = f"- {name}: {description}" if description else f"- {name}"
    if not schema.get("properties"):
        return line
    return f"{line}\n  arguments: {json.dumps(dict(schema), ensure_ascii=False)}"


def result_block(call_id: str, content: Any, *, is_error: bool = False) -> str:
    """``<tool_result>`` for one call.

    A result cannot end the block from inside: ``</`` in it is written ``<\\/``, which
    is the same JSON.
    """
    body: dict[str, Any] = {"tool_use_id": call_id, "content": content}
    if is_error:
        body["is_error"] = True
    text = json.dumps(body, ensure_ascii=False, default=str).replace("</", "<\\/")
    return f"<tool_result>\n{text}\n</tool_result>"
