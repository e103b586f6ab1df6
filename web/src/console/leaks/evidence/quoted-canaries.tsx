/** Canaries that a leak quotes. They are shown next to the marks and counted separately. */
import type { AttributionAnswer } from "./evidence-reads.ts"
import { Notice } from "../../../kit/notice.tsx"
import { RemadeBy } from "./copy-makers.tsx"
import { useNames } from "../../artifacts/viewer.tsx"

export type QuotedNames = NonNullable<AttributionAnswer["quoted"]>

export function Quoted({ quotedNames }: { quotedNames: QuotedNames | null }) {
    const names = useNames()
    if (quotedNames === null || quotedNames.found.length === 0) return null
    return (
        <Notice tone="bad">
            <span>
                <strong>It quotes what one copy alone holds.</strong> {quotedNames.caution}
                <ul className="stack">
                    {quotedNames.found.map((item) => (
                        <li key={`${item.artifact} ${item.version} ${item.what} ${item.partner} ${item.person}`}>
                            {item.what} in the copy of {item.decoy ? "nobody: a decoy" : names.recipient(item)} (
                            {names.artifact(item.artifact)}, version {item.version})
                            <span className="block">
                                <RemadeBy remade={item} />
                            </span>
                        </li>
                    ))}
                </ul>
                <span className="muted">
                    log10 e {quotedNames.log10e.toFixed(1)}, {quotedNames.text}: {quotedNames.wordsChecked} words of the
                    form of a name were held against {quotedNames.canariesIssued} names. It is not multiplied with what
                    the marks say.
                </span>
            </span>
        </Notice>
    )
}
