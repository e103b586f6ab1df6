/** Canaries that a leak quotes. They are shown next to the marks and counted separately. */
import type { AttributionAnswer } from "./evidence-reads.ts"
import { evidenceText } from "./e-value.ts"
import { Notice } from "../../../kit/notice.tsx"
import { CopyMakers } from "./copy-makers.tsx"
import { useNames } from "../../artifacts/viewer.tsx"

export type QuotedNames = NonNullable<AttributionAnswer["quoted"]>

export function Quoted({ quotedNames }: { quotedNames: QuotedNames | null }) {
    const names = useNames()
    if (quotedNames === null || quotedNames.found.length === 0) return null
    return (
        <Notice tone="bad">
            <span>
                <strong>The text quotes a canary of one copy.</strong> {quotedNames.caution}
                <ul className="stack">
                    {quotedNames.found.map((item) => (
                        <li key={`${item.artifact} ${item.version} ${item.what} ${item.partner} ${item.person}`}>
                            {item.what},{" "}
                            {item.decoy ? "a decoy that no partner has" : `copy of ${names.recipient(item)}`} (
                            {names.artifact(item.artifact)}, version {item.version})
                            <span className="block">
                                <CopyMakers makers={item} />
                            </span>
                        </li>
                    ))}
                </ul>
                <span className="muted">
                    {evidenceText(quotedNames.log10e)} times better than chance, {quotedNames.text}:{" "}
                    {quotedNames.wordsChecked} words were compared with {quotedNames.canariesIssued} canaries. This is
                    counted separately from the marks.
                </span>
            </span>
        </Notice>
    )
}
