/** Defines the obligations of the demonstration's agreement (section 2 of its text) and their requirements. */
import { dayMs } from "@tocsin/base/instant"
import type { ActionContext } from "../kernel/action-context.ts"
import { saveAttestation, saveRegularReport } from "../trust/partners/agreements/actions/save-statement.ts"
import type { Obligation } from "../trust/partners/agreements/obligation.ts"

export const obligations: readonly Obligation[] = [
    {
        id: "2.1",
        kind: "no_offensive_use",
        text: "Nothing of a warning is used to attack, or to build means of attack.",
    },
    {
        id: "2.2",
        kind: "no_onward_disclosure_before_publication",
        text: "Nothing of a warning leaves the people on the roster who may see it.",
    },
    { id: "2.3", kind: "in_house_protections_only", text: "Before publication, warnings protect own systems alone." },
    {
        id: "2.4",
        kind: "report_suspected_leak",
        withinHours: 24,
        text: "A suspicion that something has leaked is reported within 24 hours.",
    },
    {
        id: "2.5",
        kind: "regular_reports",
        everyDays: 90,
        text: "Every quarter a report, also where there is nothing to report.",
    },
    {
        id: "2.6",
        kind: "attestation",
        everyDays: 365,
        text: "Every year a lead attests for each of these obligations whether it was met.",
    },
]

/** Partners with a valid agreement met their requirements in time. */
const reportEveryMs = 85 * dayMs
const attestationEveryMs = 355 * dayMs

/** Lists when a partner with an agreement over this span gave its reports and attestations. */
export function statementsBetween(
    from: number,
    until: number,
): { at: number; submit: (ctx: ActionContext) => Promise<string> }[] {
    const instantsEvery = (ms: number) =>
        Array.from({ length: Math.ceil((until - from) / ms) - 1 }, (_, n) => from + (n + 1) * ms)
    return [
        ...instantsEvery(reportEveryMs).map((at) => ({ at, submit: submitReport })),
        ...instantsEvery(attestationEveryMs).map((at) => ({ at, submit: submitAttestation })),
    ].toSorted((a, b) => a.at - b.at)
}

const submitReport = (ctx: ActionContext) => saveRegularReport(ctx, { nothing: true, text: "" })

const submitAttestation = (ctx: ActionContext) =>
    saveAttestation(ctx, { obligations: obligations.map(({ id }) => ({ id, kept: true, note: "" })) })
