import type { Opened } from "./inquiry-answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

/** Returns why the inquiry accepts no changes; null: it does. */
export function useWhyNotChange(subject: Opened): string | null {
    const disabledReason = useWhyNot()("inquiry:write")
    return disabledReason ?? (subject.status === "closed" ? t("the inquiry is closed: reopen it first") : null)
}
