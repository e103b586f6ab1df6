/** Describes a partner's restriction in words. */
import type { Restriction } from "../../../../server/src/trust/partners/facts.ts"
import { useNames } from "../artifacts/viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

export function RestrictionWords({ restriction }: { restriction: Restriction | null }) {
    const names = useNames()
    if (restriction === null) return t("none")
    const { withhold, notBeforePublication, cases } = restriction
    const parts = [
        withhold.length > 0 && t("without {classes}", { classes: withhold.map(valueText).join(", ") }),
        notBeforePublication && t("nothing before publication"),
        cases === null ? t("in all cases") : t("in {cases}", { cases: cases.map(names.case).join(", ") }),
    ]
    return parts.filter((part) => part !== false).join("; ")
}
