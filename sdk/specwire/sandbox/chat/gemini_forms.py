"""Bodies of the Gemini dialect."""

from __future__ import annotations

from typing import Final

from .schemas import (
    ANY,
    COUNT,
    FLAG,
    NUMBER,
    OBJECT,
    TEXT,
    TEXTS,
    WHOLE,
    Schema,
    array,
    between,
    closed,
)

_PART = closed(
    "",
    text=TEXT,
    thought=FLAG,
    thoughtSignature=TEXT,
    inlineData=closed("mimeType data", mimeType=TEXT, data=TEXT, displayName=TEXT),
    fileData=closed("fileUri", mimeType=TEXT, fileUri=TEXT),
    functionCall=closed("name", id=TEXT, name=TEXT, args=OBJECT),
    functionResponse=closed(
        "name response",
        id=TEXT,
        name=TEXT,
        response=OBJECT,
        willContinue=FLAG,
        scheduling=TEXT,
        parts=ANY,
    ),
    executableCode=OBJECT,
    codeExecutionResult=OBJECT,
    videoMetadata=OBJECT,
    mediaResolution=ANY,
)
_TURN = closed(
    "parts", role={"enum": ["user", "model", "function"]}, parts=array(_PART, 1)
)
_GENERATION = closed(
    "",
    stopSequences={"type": "array", "items": TEXT, "maxItems": 5},
    responseMimeType=TEXT,
    responseSchema=OBJECT,
    responseJsonSchema=ANY,
    responseModalities=TEXTS,
    candidateCount={"type": "integer", "minimum": 1, "maximum": 8},
    maxOutputTokens=COUNT,
    temperature=between(0, 2),
    topP=between(0, 1),
    topK=COUNT,
    seed=WHOLE,
    presencePenalty=NUMBER,
    frequencyPenalty=NUMBER,
    responseLogprobs=FLAG,
    logprobs=WHOLE,
    enableEnhancedCivicAnswers=FLAG,
    speechConfig=OBJECT,
    imageConfig=OBJECT,
    mediaResolution=TEXT,
    thinkingConfig=closed(
        "", includeThoughts=FLAG, thinkingBudget=WHOLE, thinkingLevel=TEXT
    ),
)
_DECLARATION = closed(
    "name",
    name={"type": "string", "pattern": r"^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$"},
    description=TEXT,
    parameters=OBJECT,
    parametersJsonSchema=ANY,
    response=OBJECT,
    responseJsonSchema=ANY,
    behavior=TEXT,
)
_GENERATE = closed(
    "contents",
    contents=array(_TURN, 1),
    tools=array(
        closed(
            "",
            functionDeclarations=array(_DECLARATION),
            googleSearch=OBJECT,
            googleSearchRetrieval=OBJECT,
            codeExecution=OBJECT,
            urlContext=OBJECT,
            computerUse=OBJECT,
            fileSearch=OBJECT,
            googleMaps=OBJECT,
        )
    ),
    toolConfig=closed(
        "",
        functionCallingConfig=closed(
            "",
            mode={"enum": ["AUTO", "ANY", "NONE", "VALIDATED", "MODE_UNSPECIFIED"]},
            allowedFunctionNames=TEXTS,
        ),
        retrievalConfig=OBJECT,
    ),
    safetySettings=array(OBJECT),
    systemInstruction=closed("parts", role=TEXT, parts=array(_PART, 1)),
    generationConfig=_GENERATION,
    cachedContent=TEXT,
    model=TEXT,
    serviceTier=TEXT,
    store=FLAG,
)
_EMBED = closed(
    "content",
    model=TEXT,
    content=closed("parts", role=TEXT, parts=array(_PART, 1)),
    taskType=TEXT,
    title=TEXT,
    outputDimensionality=COUNT,
)

FORMS: Final[Schema] = {
    "generate": _GENERATE,
    "count": closed("", contents=array(OBJECT), generateContentRequest=OBJECT),
    "embed": _EMBED,
    "embed_batch": closed("requests", requests={**array(_EMBED, 1), "maxItems": 100}),
}
"""The schemas by operation."""
