/** Lists the staff members who could have another recipient's copy, according to the audit log. */
import { useNames } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

interface Makers {
    readonly reproducedBy: readonly string[]
    readonly keyHolders: readonly string[]
}

export function CopyMakers({ makers: { reproducedBy, keyHolders } }: { makers: Makers }) {
    const entries = [...new Set([...reproducedBy, ...keyHolders])].map(useNames().person)
    return (
        <PeopleWith people={["person", "people"]} had={t("reproduced the copy or received its key")} names={entries} />
    )
}

interface PeopleWithProps {
    readonly people: readonly [one: string, many: string]
    readonly had: string
    readonly names: readonly string[]
}

export function PeopleWith({ people: [item, many], had, names }: PeopleWithProps) {
    if (names.length === 0) return <span className="muted">{rich("no {item} {had}", { item, had })}</span>
    return (
        <>
            {names.length} {names.length === 1 ? item : many} {had}: {names.toSorted().join(", ")}
        </>
    )
}
