/** What of a case needs a person: each line with the address of its cure. Pure. */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { Case, Wave } from "../../answers.ts"
import { tierNames } from "../../words.ts"
import { t } from "../../../messages/message.ts"

export interface AttentionLine {
    readonly id: string
    /** `bad`: now. `due`: soon. */
    readonly tone: "bad" | "due"
    readonly text: string
    /** Until when; null: there is no deadline. */
    readonly until: Instant | null
    readonly to: string
    readonly action: string
    /** Texts after `?` in the address, which open a window of the page. */
    readonly search?: Readonly<Record<string, string>>
}

export interface OpenFiling {
    readonly id: string
    readonly title: string
    readonly authority: string
    readonly dueAt: string
    readonly isOverdue: boolean
    readonly to: string
}

export interface AdvisoryFaults {
    readonly text: string
    readonly isDue: boolean
    /** The case lacks facts that the advisory needs. */
    readonly lacksFacts: boolean
}

export interface AttentionInput {
    readonly subject: Pick<Case, "id" | "phase" | "proposals">
    readonly waves: readonly Wave[]
    readonly artifacts: readonly { readonly name: string; readonly recalled: boolean }[]
    /** What the advisory's validation says; null: it is valid. */
    readonly advisory: AdvisoryFaults | null
    readonly filings: readonly OpenFiling[]
    /** Partners and parties that have not answered an invitation. */
    readonly unanswered: number
    /** Waves whose request the viewer may sign. */
    readonly signable: ReadonlySet<string>
}

/** Returns the lines, what is needed now first, each group by its deadline. */
export function attentionOf(input: AttentionInput): readonly AttentionLine[] {
    const lines = [
        ...embargoLines(input),
        ...waveLines(input),
        ...advisoryLines(input),
        ...filingLines(input),
        ...contentLines(input),
    ]
    const rank = ({ tone, until }: AttentionLine) => (tone === "bad" ? 0 : 1e15) + (until ?? 1e14)
    return lines.toSorted((a, b) => rank(a) - rank(b))
}

const due = { tone: "due", until: null } as const
const bad = { tone: "bad", until: null } as const

function embargoLines({ subject, unanswered }: AttentionInput): AttentionLine[] {
    const to = `/cases/${subject.id}/embargo`
    const { phase, proposals } = subject
    const isUnset = phase === "none" || phase === "proposed"
    return [
        ...(phase === "terminated"
            ? [
                  {
                      ...bad,
                      id: "terminated",
                      text: t("The embargo is terminated: release the rest"),
                      to,
                      action: t("Release waves"),
                  },
              ]
            : []),
        ...(isUnset && proposals.length === 0
            ? [{ ...due, id: "embargo", text: t("No embargo agreed yet"), to, action: t("Agree embargo") }]
            : []),
        ...proposals.map(({ proposal, endsAt }) => ({
            ...due,
            id: `proposal:${proposal}`,
            text: t("A proposed end of the embargo waits for a decision"),
            until: parseInstant(endsAt),
            to,
            action: t("Decide"),
        })),
        ...(unanswered > 0
            ? [
                  {
                      ...due,
                      id: "unanswered",
                      text: t("{count, plural, one {# invitation} other {# invitations}} without an answer", {
                          count: unanswered,
                      }),
                      to,
                      action: t("View"),
                  },
              ]
            : []),
    ]
}

/** Covers every state, so that a new state is a type error; null: the wave needs nothing. */
const waveTexts: Readonly<Record<Wave["state"], readonly ["bad" | "due", (tier: string) => string, string] | null>> = {
    planned: ["due", (tier) => t("The {tier} wave is not requested", { tier }), t("Request wave")],
    requested: ["due", (tier) => t("The {tier} wave needs a second signature", { tier }), t("View")],
    approval_voided: [
        "bad",
        (tier) => t("The {tier} wave needs a new request: its approval is void", { tier }),
        t("Request wave"),
    ],
    due: ["bad", (tier) => t("The {tier} wave is overdue without a signature", { tier }), t("View")],
    frozen: ["bad", (tier) => t("The {tier} wave is frozen", { tier }), t("View")],
    approved: null,
    cancelled: null,
    no_recipients: null,
    released: null,
}

function waveLines({ subject, waves, signable }: AttentionInput): AttentionLine[] {
    const to = `/cases/${subject.id}/release`
    if (waves.length === 0 && subject.phase !== "ended") {
        return [{ ...due, id: "waves", text: t("No waves planned yet"), to, action: t("Plan waves") }]
    }
    return waves.flatMap((wave) => {
        const [tone, text, action] = waveTexts[wave.state] ?? []
        const until = wave.at === null || wave.releasedAt !== null ? null : parseInstant(wave.at)
        // A warning is needed before the publication only. Partners that join later never get one.
        const isWarning = wave.releasedAt !== null && wave.state !== "frozen" && subject.phase !== "ended"
        const unnotified = isWarning ? wave.unnotified.length : 0
        return [
            ...(tone === undefined || text === undefined || action === undefined
                ? []
                : [
                      {
                          id: wave.id,
                          tone,
                          text: text(tierNames[wave.tier]),
                          until,
                          to: `${to}/${wave.id}`,
                          action: signable.has(wave.id) ? t("Sign") : action,
                      },
                  ]),
            ...(unnotified > 0
                ? [
                      {
                          ...due,
                          id: `${wave.id}:unnotified`,
                          text: t(
                              "{count, plural, one {# partner} other {# partners}} of the {tier} wave not notified",
                              { count: unnotified, tier: tierNames[wave.tier] },
                          ),
                          to,
                          action: t("View"),
                      },
                  ]
                : []),
        ]
    })
}

function advisoryLines({ subject, advisory }: AttentionInput): AttentionLine[] {
    if (advisory === null) return []
    const tone = advisory.isDue ? "bad" : "due"
    const line = { id: "advisory", tone, text: advisory.text, until: null } as const
    return [
        advisory.lacksFacts
            ? { ...line, to: `/cases/${subject.id}`, search: { change: "facts" }, action: t("Change facts") }
            : { ...line, to: `/cases/${subject.id}/release`, action: t("View errors") },
    ]
}

function filingLines({ filings }: AttentionInput): AttentionLine[] {
    return filings.map(({ id, title, authority, dueAt, isOverdue, to }) => ({
        id,
        tone: isOverdue ? "bad" : "due",
        text: t("Submit “{title}” to {authority}", { title, authority }),
        until: parseInstant(dueAt),
        to,
        action: t("Open filing"),
    }))
}

function contentLines({ subject, artifacts }: AttentionInput): AttentionLine[] {
    const to = `/cases/${subject.id}/artifacts`
    const recalled = artifacts.filter((artifact) => artifact.recalled).map(({ name }) => name)
    return [
        ...(artifacts.length === 0
            ? [{ ...due, id: "artifacts", text: t("No artifacts yet"), to, action: t("Add artifact") }]
            : []),
        ...(recalled.length > 0
            ? [
                  {
                      ...due,
                      id: "recalled",
                      text: t("Recalled, no partner reads it: {files}", { files: recalled.join(", ") }),
                      to,
                      action: t("View"),
                  },
              ]
            : []),
    ]
}
