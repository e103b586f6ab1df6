/** Canaries that a leak quotes. They are shown next to the marks and counted separately. */
import type { AttributionAnswer } from "./evidence-reads.ts"
import { cautionTexts } from "./fixed-texts.ts"
import { evidenceText } from "./e-value.ts"
import { Notice } from "../../../kit/notice.tsx"
import { CopyMakers } from "./copy-makers.tsx"
import { type Names, useNames } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

export type QuotedNames = NonNullable<AttributionAnswer["quoted"]>

function quotedText(item: QuotedNames["found"][number], names: Names): string {
    const place = { canary: item.what, artifact: names.artifact(item.artifact), version: item.version }
    return item.decoy
        ? t("{canary}, a decoy that no partner has ({artifact}, version {version})", place)
        : t("{canary}, copy of {recipient} ({artifact}, version {version})", {
              ...place,
              recipient: names.recipient(item),
          })
}

export function Quoted({ quotedNames }: { quotedNames: QuotedNames | null }) {
    const names = useNames()
    if (quotedNames === null || quotedNames.found.length === 0) return null
    return (
        <Notice tone="bad">
            <span>
                <strong>{t("The text quotes a canary of one copy.")}</strong> {cautionTexts[quotedNames.caution]}
                <ul className="stack">
                    {quotedNames.found.map((item) => (
                        <li key={`${item.artifact} ${item.version} ${item.what} ${item.partner} ${item.person}`}>
                            {quotedText(item, names)}
                            <span className="block">
                                <CopyMakers makers={item} />
                            </span>
                        </li>
                    ))}
                </ul>
                <span className="muted">
                    {t(
                        "{factor} times better than chance, {support}: {words, plural, one {# word was} other {# words were}} compared with {canaries, plural, one {# canary} other {# canaries}}. This is counted separately from the marks.",
                        {
                            factor: evidenceText(quotedNames.log10e),
                            support: valueText(quotedNames.support),
                            words: quotedNames.wordsChecked,
                            canaries: quotedNames.canariesIssued,
                        },
                    )}
                </span>
            </span>
        </Notice>
    )
}
