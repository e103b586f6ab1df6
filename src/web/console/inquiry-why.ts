import type { Opened } from "./inquiry-answers.ts"
import { useWhyNot } from "./viewer.tsx"

/** Why nothing of it is changed now; null where it is. */
export function useWhyNotChange(of: Opened): string | null {
    const not = useWhyNot()("inquiry:write")
    return not ?? (of.course === "closed" ? "it is closed: reopen it first" : null)
}
