/** Lists files that are released unmarked or with too few slots to identify a copy, before a request or signature. */
import type { Readiness } from "../../../../../server/src/trust/partners/keys/key.ts"
import type { MarkingLevel } from "../../../../../server/src/share/marking/marking-level.ts"
import { Failed, Notice, type Tone } from "../../../kit/notice.tsx"
import { Badge } from "../../../kit/table.tsx"
import { useMayRead, useNames } from "../../artifacts/viewer.tsx"
import type { AnswerTo } from "../../api.ts"
import { t } from "../../../messages/message.ts"

const carriedWords: Readonly<Record<MarkingLevel, { readonly name: string; readonly tone: Tone }>> = {
    marked: { name: t("marked"), tone: "good" },
    fewer: { name: t("few slots"), tone: "due" },
    unidentifiable: { name: t("identifies no copy"), tone: "bad" },
    unmarked: { name: t("unmarked"), tone: "bad" },
}

const worst: readonly MarkingLevel[] = ["unmarked", "unidentifiable", "fewer", "marked"]

type HowAnswer = AnswerTo<"/api/approvals/{id}/marks">

/** Lists recipients without a key to seal for, or without a tested key. */
function Unready({ unready }: { unready: HowAnswer["unready"] }) {
    const names = useNames()
    const named = (readiness: Readiness) =>
        unready
            .filter((item) => item.readiness === readiness)
            .map(({ partner }) => names.partner(partner))
            .toSorted()
            .join(", ")
    const [none, untried] = [named("no_key"), named("untested")]
    return (
        <>
            {none !== "" && (
                <Notice tone="bad">
                    {t("No usable key at the release, so these partners can fetch nothing: {partners}.", {
                        partners: none,
                    })}
                </Notice>
            )}
            {untried !== "" && (
                <Notice tone="due">{t("Key not tested with a test copy: {partners}.", { partners: untried })}</Notice>
            )}
        </>
    )
}

/** `subject`: a wave's effects, or an approval. */
export function HowItGoesOut({ subject }: { subject: { readonly wave: string } | { readonly approval: string } }) {
    const path =
        "wave" in subject
            ? (`/api/waves/${subject.wave}/effects` as const)
            : (`/api/approvals/${subject.approval}/marks` as const)
    const found = useMayRead("wave:read", path)
    if (found.error) return <Failed error={found.error} />
    if (found.data === undefined) return <p className="muted">{t("Loading the marks…")}</p>
    const marks = found.data.marks.toSorted((a, b) => worst.indexOf(a.level) - worst.indexOf(b.level))
    if (marks.length === 0) return null
    const { unready } = found.data
    const isBare = ({ level }: (typeof marks)[number]) => level === "unmarked" || level === "unidentifiable"
    const bare = marks.filter(isBare)
    return (
        <div className="reasons">
            {bare.length > 0 && (
                <Notice tone="due">
                    {t(
                        "{count, plural, one {A leak of one of these files identifies no copy.} other {A leak of # of these files identifies no copy.}}",
                        { count: bare.length },
                    )}
                </Notice>
            )}
            <Unready unready={unready} />
            <MarkList marks={bare} />
            {bare.length < marks.length && (
                <details className="folded">
                    <summary>
                        {t(
                            "{count, plural, one {# marked file} other {# marked files}}{few, plural, =0 {} other {, # with few slots}}",
                            {
                                count: marks.length - bare.length,
                                few: marks.filter(({ level }) => level === "fewer").length,
                            },
                        )}
                    </summary>
                    <MarkList marks={marks.filter((mark) => !isBare(mark))} />
                </details>
            )}
        </div>
    )
}

function MarkList({ marks }: { marks: HowAnswer["marks"] }) {
    const names = useNames()
    return (
        <ul className="reasons">
            {marks.map(({ artifact, version, level, description }) => (
                <li key={artifact}>
                    <Badge tone={carriedWords[level].tone}>{carriedWords[level].name}</Badge>
                    <span>
                        <strong>
                            {names.artifact(artifact)} v{version}
                        </strong>{" "}
                        {description}
                    </span>
                </li>
            ))}
        </ul>
    )
}
