/** Lists files that are released unmarked or with too few slots to identify a copy, before a request or signature. */
import type { Readiness } from "../../../../server/src/trust/partners/keys/key.ts"
import type { MarkingLevel } from "../../../../server/src/share/marking/marking-level.ts"
import { Failed, Notice, type Tone } from "../../kit/notice.tsx"
import { Badge } from "../../kit/table.tsx"
import { useMayRead, useNames } from "../artifacts/viewer.tsx"
import type { AnswerTo } from "../api.ts"

const carriedWords: Readonly<Record<MarkingLevel, { readonly name: string; readonly tone: Tone }>> = {
    marked: { name: "marked", tone: "good" },
    fewer: { name: "few slots", tone: "due" },
    unidentifiable: { name: "names nobody", tone: "bad" },
    unmarked: { name: "unmarked", tone: "bad" },
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
            {none !== "" && <Notice tone="bad">No key will be usable then, so nothing can be fetched: {none}.</Notice>}
            {untried !== "" && <Notice tone="due">Never opened a test copy with its key: {untried}.</Notice>}
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
    const names = useNames()
    if (found.error) return <Failed error={found.error} />
    if (found.data === undefined) return <p className="muted">Looking whether each file is marked…</p>
    const marks = found.data.marks.toSorted((a, b) => worst.indexOf(a.level) - worst.indexOf(b.level))
    if (marks.length === 0) return null
    const { unready } = found.data
    const bare = marks.filter(({ level: carries }) => carries === "unmarked" || carries === "unidentifiable").length
    return (
        <div className="reasons">
            {bare > 0 && (
                <Notice tone="due">
                    {bare === 1
                        ? "One of these files names nobody if it leaks."
                        : `${bare} of these files name nobody if they leak.`}
                </Notice>
            )}
            <Unready unready={unready} />
            <ul className="reasons">
                {marks.map(({ artifact, version, level: carries, description: says }) => (
                    <li key={artifact}>
                        <Badge tone={carriedWords[carries].tone}>{carriedWords[carries].name}</Badge>
                        <span>
                            <strong>
                                {names.artifact(artifact)} v{version}
                            </strong>{" "}
                            {says}
                        </span>
                    </li>
                ))}
            </ul>
        </div>
    )
}
