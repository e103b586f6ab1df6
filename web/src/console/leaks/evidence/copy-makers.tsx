/** Lists the staff members who could have another recipient's copy, according to the audit log. */
import { useNames } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

interface Makers {
    readonly reproducedBy: readonly string[]
    readonly keyHolders: readonly string[]
}

export function CopyMakers({ makers: { reproducedBy, keyHolders } }: { makers: Makers }) {
    const people = [...new Set([...reproducedBy, ...keyHolders])].map(useNames().person)
    if (people.length === 0)
        return <span className="muted">{t("no person reproduced the copy or received its key")}</span>
    return t("{count, plural, one {# person} other {# people}} reproduced the copy or received its key: {names}", {
        count: people.length,
        names: people.toSorted().join(", "),
    })
}
