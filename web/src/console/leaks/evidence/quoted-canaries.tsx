/** Canaries that a leak quotes. They are shown next to the marks and counted separately. */
import type { AttributionAnswer } from "./evidence-reads.ts"
import { evidenceText } from "./e-value.ts"
import { Notice } from "../../../kit/notice.tsx"
import { CopyMakers } from "./copy-makers.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

export type QuotedNames = NonNullable<AttributionAnswer["quoted"]>

export function Quoted({ quotedNames }: { quotedNames: QuotedNames | null }) {
    const names = useNames()
    if (quotedNames === null || quotedNames.found.length === 0) return null
    return (
        <Notice tone="bad">
            <span>
                <strong>{t("The text quotes a canary of one copy.")}</strong> {quotedNames.caution}
                <ul className="stack">
                    {quotedNames.found.map((item) => (
                        <li key={`${item.artifact} ${item.version} ${item.what} ${item.partner} ${item.person}`}>
                            {rich("{what}, {decoy} ({artifact}, version {version}){span}", {
                                what: item.what,
                                decoy: item.decoy
                                    ? t("a decoy that no partner has")
                                    : t("copy of {recipient}", { recipient: names.recipient(item) }),
                                artifact: names.artifact(item.artifact),
                                version: item.version,
                                span: (
                                    <span className="block">
                                        <CopyMakers makers={item} />
                                    </span>
                                ),
                            })}
                        </li>
                    ))}
                </ul>
                <span className="muted">
                    {rich(
                        "{log10e} times better than chance, {text}: {wordsChecked} words were compared with {canariesIssued} canaries. This is counted separately from the marks.",
                        {
                            log10e: evidenceText(quotedNames.log10e),
                            text: quotedNames.text,
                            wordsChecked: quotedNames.wordsChecked,
                            canariesIssued: quotedNames.canariesIssued,
                        },
                    )}
                </span>
            </span>
        </Notice>
    )
}
