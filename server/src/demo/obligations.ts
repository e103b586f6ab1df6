/** Defines the obligations of the demonstration's agreement (section 2 of its text) and their requirements. */
import { dayMs } from "@tocsin/base/instant"
import type { ActionContext } from "../kernel/action-context.ts"
import { attest, giveReport } from "../trust/partners/agreements/actions/give-statement.ts"
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
        text: "Nothing of a warning leaves the circle of persons on the roster who may see it.",
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
        text: "Every year a lead says of each of these obligations whether it was kept.",
    },
]

/** Partners with a valid agreement met their requirements in time. */
const reportedEveryMs = 85 * dayMs
const attestedEveryMs = 355 * dayMs

/** Lists when a partner with an agreement over this span gave its reports and attestations. */
export function statementsBetween(
    from: number,
    until: number,
): { at: number; give: (ctx: ActionContext) => Promise<string> }[] {
    const every = (ms: number) =>
        Array.from({ length: Math.ceil((until - from) / ms) - 1 }, (_, n) => from + (n + 1) * ms)
    return [
        ...every(reportedEveryMs).map((at) => ({ at, give: report })),
        ...every(attestedEveryMs).map((at) => ({ at, give: attestAll })),
    ].toSorted((a, b) => a.at - b.at)
}

const report = (ctx: ActionContext) => giveReport(ctx, { nothing: true, text: "" })

const attestAll = (ctx: ActionContext) =>
    attest(ctx, { obligations: obligations.map(({ id }) => ({ id, kept: true, note: "" })) })
