/** What is ready for a wave and what is not, each as one line. Pure. */
import type { AnswerTo } from "../../api.ts"
import type { Publication } from "../../cases/publication.tsx"
import type { WaveState } from "../../answers.ts"

export interface Check {
    readonly isReady: boolean
    readonly text: string
}

type Effects = AnswerTo<"/api/waves/{id}/effects">

export interface ReadinessInput {
    readonly state: WaveState
    readonly effects: Pick<Effects, "recipients" | "marks" | "unready">
    readonly policy: number | null
    readonly clocks: "trusted" | "distrusted" | "unread"
    /** Of the advisory; empty for waves before publication. */
    readonly faults: Publication["faults"]
    readonly isExploited: boolean
}

const signatures: Readonly<Record<WaveState, Check>> = {
    planned: { isReady: false, text: "Not requested yet" },
    requested: { isReady: false, text: "Second signature missing" },
    approval_voided: { isReady: false, text: "Approval voided: request it again" },
    due: { isReady: false, text: "Overdue without a signature" },
    frozen: { isReady: false, text: "Frozen" },
    approved: { isReady: true, text: "Signed by two people" },
    released: { isReady: true, text: "Signed by two people" },
    no_recipients: { isReady: false, text: "No recipients" },
    cancelled: { isReady: false, text: "Cancelled" },
}

export function readinessOf({ state, effects, policy, clocks, faults, isExploited }: ReadinessInput): readonly Check[] {
    const { recipients, marks, unready } = effects
    const weak = marks.filter(({ level }) => level === "unmarked" || level === "unidentifiable").length
    return [
        signatures[state],
        unready.length === 0
            ? {
                  isReady: recipients.length > 0,
                  text: recipients.length > 0 ? "All recipients have a tested key" : "No recipients",
              }
            : { isReady: false, text: `${count(unready.length, "recipient")} without a tested key` },
        weak === 0
            ? { isReady: true, text: "Each copy can be identified" }
            : { isReady: false, text: `${count(weak, "file")} ${weak === 1 ? "does" : "do"} not identify a copy` },
        ...(policy === null ? [] : [{ isReady: true, text: `Policy version ${policy}` }]),
        clocks === "distrusted"
            ? { isReady: false, text: "Clocks distrusted: no release" }
            : { isReady: true, text: "Clocks agree" },
        ...(faults.length > 0 ? [{ isReady: false, text: `${count(faults.length, "error")} in the advisory` }] : []),
        ...(isExploited ? [{ isReady: false, text: "Exploitation reported" }] : []),
    ]
}

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`
