/** What happened in a case, from what its screens know already. Pure. */
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import type { Case, Wave } from "../../answers.ts"
import { tierNames } from "../../words.ts"
import { count } from "../../release/waves/readiness.ts"

export interface ActivityItem {
    readonly id: string
    readonly at: string
    readonly text: string
    readonly tone: "good" | "bad" | "due" | ""
}

export interface ActivityInput {
    readonly subject: Pick<Case, "createdAt" | "embargo" | "closure">
    readonly waves: readonly Pick<Wave, "id" | "tier" | "releasedAt" | "recipients">[]
    readonly artifacts: readonly {
        readonly id: string
        readonly name: string
        readonly version: number
        readonly versionAt: string
    }[]
    readonly requests: readonly {
        readonly id: string
        readonly tier: WaveTier
        readonly requestedBy: string
        readonly requestedAt: string
        readonly signedBy: string | null
        readonly signedAt: string | null
    }[]
    readonly exploited: { readonly at: string; readonly by: string } | null
}

const embargoTexts: Readonly<Record<string, string>> = {
    proposed: "An end of the embargo was proposed",
    agreed: "Embargo agreed",
    moved: "End of the embargo moved",
    accepted: "Proposed end accepted",
    rejected: "Proposed end rejected",
    terminated: "Embargo terminated",
    ended: "Embargo ended",
}

/** Returns what happened, newest first. */
export function activityOf(input: ActivityInput): readonly ActivityItem[] {
    const { subject, waves, artifacts, requests, exploited } = input
    const items: ActivityItem[] = [
        { id: "opened", at: subject.createdAt, text: "Case opened", tone: "" },
        ...subject.embargo.map(({ kind, at }, n) => ({
            id: `embargo ${n}`,
            at,
            text: embargoTexts[kind] ?? `Embargo: ${kind}`,
            tone: kind === "terminated" ? ("bad" as const) : ("" as const),
        })),
        ...waves.flatMap(({ id, tier, releasedAt, recipients }) =>
            releasedAt === null
                ? []
                : [
                      {
                          id,
                          at: releasedAt,
                          text: `${tierNames[tier]} wave released to ${count(recipients, "partner")}`,
                          tone: "good" as const,
                      },
                  ],
        ),
        ...[...Map.groupBy(artifacts, ({ versionAt }) => versionAt)].map(([at, added]) => ({
            id: `artifacts ${at}`,
            at,
            text: addedText(added),
            tone: "" as const,
        })),
        ...requestItems(requests),
        ...(exploited === null
            ? []
            : [
                  {
                      id: "exploited",
                      at: exploited.at,
                      text: `Exploitation seen by ${exploited.by}`,
                      tone: "bad" as const,
                  },
              ]),
        ...(subject.closure === null
            ? []
            : [{ id: "closed", at: subject.closure.at, text: `Case ${subject.closure.kind}`, tone: "due" as const }]),
    ]
    return items.toSorted((a, b) => b.at.localeCompare(a.at))
}

function addedText(added: ActivityInput["artifacts"]): string {
    const [first] = added
    if (first === undefined || added.length > 1) return `${count(added.length, "artifact")} added`
    return first.version === 1 ? `${first.name} added` : `${first.name}, version ${first.version}, added`
}

type Request = ActivityInput["requests"][number]

/** Joins what one person did at one instant. */
function requestItems(requests: readonly Request[]): ActivityItem[] {
    const joined = (verb: string, tone: ActivityItem["tone"], by: (request: Request) => readonly (string | null)[]) =>
        [...Map.groupBy(requests, (request) => by(request).join("\n"))].flatMap(([, group]): ActivityItem[] => {
            const [first] = group
            if (first === undefined) return []
            const [person = null, at = null] = by(first)
            if (person === null || at === null) return []
            const what = group.length === 1 ? `the ${tierNames[first.tier]} wave` : `${group.length} waves`
            return [{ id: `${first.id} ${verb}`, at, text: `${person} ${verb} ${what}`, tone }]
        })
    return [
        ...joined("requested", "due", ({ requestedBy, requestedAt }) => [requestedBy, requestedAt]),
        ...joined("signed", "good", ({ signedBy, signedAt }) => [signedBy, signedAt]),
    ]
}
