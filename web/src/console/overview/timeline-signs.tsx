/** The signs of releases and deadlines, in the timeline and in the calendar, and their legend. */
import type { ComingWave } from "../schedule/coming-waves.ts"
import type { TimelineEvent } from "./timeline-scale.ts"
import { t } from "../../messages/message.ts"

export type SignKind = TimelineEvent["kind"]

export const signNames: Readonly<Record<SignKind, string>> = {
    approved: t("wave, approved"),
    unsigned: t("wave, not signed"),
    publication: t("publication"),
    deadline: t("deadline"),
}

interface SignProps {
    kind: SignKind
    x: number
    y: number
}

export function Sign({ kind, x, y }: SignProps) {
    if (kind === "publication")
        return <rect className="sign publication" x={x - 5.5} y={y - 5.5} width="11" height="11" rx="2.5" />
    if (kind === "deadline") return <path className="sign deadline" d={`M${x - 5} ${y - 5.5}h10v5.5l-5 5-5-5z`} />
    return <circle className={`sign ${kind}`} cx={x} cy={y} r="5.5" />
}

/** One sign in a line of text. */
export function InlineSign({ kind }: { kind: SignKind }) {
    return (
        <svg className="lanes" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <Sign kind={kind} x={7} y={7} />
        </svg>
    )
}

export function SignLegend() {
    return (
        <ul className="legend timeline-legend">
            {(["approved", "unsigned", "publication", "deadline"] as const).map((kind) => (
                <li key={kind} className="row">
                    <InlineSign kind={kind} />
                    {signNames[kind]}
                </li>
            ))}
        </ul>
    )
}

export function signOf({ tier, state }: Pick<ComingWave, "tier" | "state">): SignKind {
    if (state !== "approved") return "unsigned"
    return tier === "publication" ? "publication" : "approved"
}
