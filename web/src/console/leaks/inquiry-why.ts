import type { Opened } from "./inquiry-answers.ts"
import { useWhyNot } from "../artifacts/viewer.tsx"

/** Why nothing of it is changed now; null where it is. */
export function useWhyNotChange(subject: Opened): string | null {
    const disabledReason = useWhyNot()("inquiry:write")
    return disabledReason ?? (subject.course === "closed" ? "it is closed: reopen it first" : null)
}
