/** The embargo as the list of turns that it is, and the next turn. */
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty } from "../kit/notice.tsx"
import type { Case, Turn } from "./answers.ts"
import { useWhyNot } from "./viewer.tsx"

export function Turns({ of }: { of: readonly Turn[] }) {
    if (of.length === 0) return <Empty title="No embargo was proposed." />
    return (
        <ol className="turns">
            {of.map((turn) => (
                <li key={`${turn.kind} ${turn.at}`}>
                    <strong>{turn.kind}</strong>
                    <When at={turn.at} />
                    {turn.endsAt !== undefined && (
                        <span>
                            ends <When at={turn.endsAt} />
                        </span>
                    )}
                    {turn.why !== undefined && <q>{turn.why}</q>}
                </li>
            ))}
        </ol>
    )
}

export function EmbargoActions({ of }: { of: Case }) {
    const not = useWhyNot()("case:write")
    const path = `/api/cases/${of.id}/embargo`
    const ends = { name: "endsAt", label: "Ends at", kind: "instant" as const, initial: of.publication ?? "" }
    const why = { name: "why", label: "Why", kind: "text" as const }
    const turn = (act: string, button: string, look: "plain" | "danger" = "plain") => (
        <FormDialog
            button={`${button}…`}
            title={`${button} the embargo`}
            submit={button}
            look={look === "danger" ? "danger" : "main"}
            not={not}
            asked={[...(act === "break" ? [] : [ends]), ...(act === "move" || act === "break" ? [why] : [])]}
            write={(answers) => ({ method: "POST", path, body: { act, ...answers } })}
        />
    )
    if (of.phase === "none" || of.phase === "proposed") {
        return (
            <>
                {turn("propose", "Propose")}
                {turn("agree", "Agree")}
            </>
        )
    }
    if (of.phase !== "running") return null
    return (
        <>
            {turn("move", "Move")}
            {turn("break", "Break", "danger")}
        </>
    )
}
