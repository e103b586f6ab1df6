/** Describes a partner's restriction in words. */
import type { Restriction } from "../../../../server/src/trust/partners/facts.ts"
import { useNames } from "../artifacts/viewer.tsx"

export function RestrictionWords({ restriction }: { restriction: Restriction | null }) {
    const names = useNames()
    if (restriction === null) return "none"
    const { withhold, notBeforePublication, cases } = restriction
    const parts = [
        withhold.length > 0 && `without ${withhold.join(", ")}`,
        notBeforePublication && "nothing before publication",
        cases === null ? "in all cases" : `in ${cases.map(names.case).join(", ")}`,
    ]
    return parts.filter((part) => part !== false).join("; ")
}
