/** What is ready for a wave and what is not, each as one line. Pure. */
import type { AnswerTo } from "../../api.ts"
import type { Publication } from "../../cases/publication.tsx"
import type { WaveState } from "../../answers.ts"
import { t } from "../../../messages/message.ts"

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
    planned: { isReady: false, text: t("Not requested yet") },
    requested: { isReady: false, text: t("Second signature missing") },
    approval_voided: { isReady: false, text: t("Approval voided: request it again") },
    due: { isReady: false, text: t("Overdue without a signature") },
    frozen: { isReady: false, text: t("Frozen") },
    approved: { isReady: true, text: t("Signed by two people") },
    released: { isReady: true, text: t("Signed by two people") },
    no_recipients: { isReady: false, text: t("No recipients") },
    cancelled: { isReady: false, text: t("Cancelled") },
}

export function readinessOf({ state, effects, policy, clocks, faults, isExploited }: ReadinessInput): readonly Check[] {
    const { recipients, marks, unready } = effects
    const weak = marks.filter(({ level }) => level === "unmarked" || level === "unidentifiable").length
    return [
        signatures[state],
        unready.length === 0
            ? {
                  isReady: recipients.length > 0,
                  text: recipients.length > 0 ? t("All recipients have a tested key") : t("No recipients"),
              }
            : {
                  isReady: false,
                  text: t(
                      "{count, plural, one {# recipient without a tested key} other {# recipients without a tested key}}",
                      { count: unready.length },
                  ),
              },
        weak === 0
            ? { isReady: true, text: t("Each copy can be identified") }
            : {
                  isReady: false,
                  text: t(
                      "{count, plural, one {# file does not identify a copy} other {# files do not identify a copy}}",
                      { count: weak },
                  ),
              },
        ...(policy === null ? [] : [{ isReady: true, text: t("Policy version {policy}", { policy }) }]),
        clocks === "distrusted"
            ? { isReady: false, text: t("Clocks distrusted: no release") }
            : { isReady: true, text: t("Clocks agree") },
        ...(faults.length > 0
            ? [
                  {
                      isReady: false,
                      text: t("{count, plural, one {# error in the advisory} other {# errors in the advisory}}", {
                          count: faults.length,
                      }),
                  },
              ]
            : []),
        ...(isExploited ? [{ isReady: false, text: t("Exploitation reported") }] : []),
    ]
}
