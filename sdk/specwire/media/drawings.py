"""Calls of pictures: made, edited, varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.resource import UNSET, TimeoutOption, Unset
from . import pictures
from .asking import Asking
from .calls import given, send
from .uploads import upload

if TYPE_CHECKING:
    from .pictures import Pictures


class Drawings(Asking):
    """Pictures that a model makes."""

    def images(
        self,
        prompt: str,
        *,
        model: str | None = None,
        n: int | None = None,
        size: str | None = None,
        quality: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Pictures:
        """Pictures of what ``prompt`` says.

        :param n: how many.
        :param size: ``1024x1024``; of Gemini a ratio, ``16:9``.
        :raises DecodeError: where no picture came, or what is none.
        """
        asked = self._asked("image_generation", model)
        wished = {**given(n=n, size=size, quality=quality), **more}
        body = pictures.asking(asked, prompt, (), wished)
        return send(  # type: ignore[no-any-return]
            asked,
            body,
            pictures.Drawn(asked.shape),
            timeout=timeout,
            max_retries=max_retries,
        )

    def edit_images(
        self,
        images: Any,
        prompt: str,
        *,
        mask: Any = None,
        model: str | None = None,
        n: int | None = None,
        size: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Pictures:
        """Pictures made from ``images``: one file, or a list, as :meth:`transcribe`.

        :param mask: a file that is transparent where the picture is to be changed.
        """
        asked = self._asked(self._edits_by(model), model)
        several = list(images) if isinstance(images, list) else [images]
        wished = {**given(n=n, size=size), **more}
        files: dict[str, Any] | None = None
        if asked.shape != "own":
            if mask is not None:
                raise asked.unsupported("there is no mask; say it in the prompt")
            body = pictures.asking(asked, prompt, several, wished)
        else:
            body = pictures.asking(asked, prompt, (), wished)
            sent = [upload(asked, each, "image") for each in several]
            files = {"image[]": sent} if len(sent) > 1 else {"image": sent[0]}
            if mask is not None:
                files["mask"] = upload(asked, mask, "image")
        return send(  # type: ignore[no-any-return]
            asked,
            body,
            pictures.Drawn(asked.shape),
            files=files,
            timeout=timeout,
            max_retries=max_retries,
        )

    def _edits_by(self, model: str | None) -> str:
        """The operation that edits; who draws in a chat edits there as well."""
        operations = self._target(model).provider.manifest.data["operations"]
        drawing = operations.get("image_generation", {}).get("path", "")
        chats = drawing.endswith((":generateContent", "/chat/completions"))
        return "image_generation" if chats else "image_edit"

    def vary_image(
        self,
        image: Any,
        *,
        model: str | None = None,
        n: int | None = None,
        size: str | None = None,
        timeout: TimeoutOption = UNSET,
        max_retries: int | Unset = UNSET,
        **more: Any,
    ) -> Pictures:
        """Pictures like ``image``, a file as in :meth:`transcribe`."""
        asked = self._asked("image_variation", model)
        return send(  # type: ignore[no-any-return]
            asked,
            {"model": asked.model, **given(n=n, size=size), **more},
            pictures.Drawn(asked.shape),
            files={"image": upload(asked, image, "image")},
            timeout=timeout,
            max_retries=max_retries,
        )
