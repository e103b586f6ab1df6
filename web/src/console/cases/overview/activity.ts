/** What happened in a case, from what its screens know already. Pure. */
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import type { Case, Wave } from "../../answers.ts"
import { tierNames } from "../../words.ts"
import { count } from "../../release/waves/readiness.ts"
import { t } from "../../../messages/message.ts"

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
    proposed: t("An end of the embargo was proposed"),
    agreed: t("Embargo agreed"),
    moved: t("End of the embargo moved"),
    accepted: t("Proposed end accepted"),
    rejected: t("Proposed end rejected"),
    terminated: t("Embargo terminated"),
    ended: t("Embargo ended"),
}

/** Returns what happened, newest first. */
export function activityOf(input: ActivityInput): readonly ActivityItem[] {
    const { subject, waves, artifacts, requests, exploited } = input
    const items: ActivityItem[] = [
        { id: "opened", at: subject.createdAt, text: t("Case opened"), tone: "" },
        ...subject.embargo.map(({ kind, at }, n) => ({
            id: t("embargo {n}", { n }),
            at,
            text: embargoTexts[kind] ?? t("Embargo: {kind}", { kind }),
            tone: kind === "terminated" ? ("bad" as const) : ("" as const),
        })),
        ...waves.flatMap(({ id, tier, releasedAt, recipients }) =>
            releasedAt === null
                ? []
                : [
                      {
                          id,
                          at: releasedAt,
                          text: t("{tierNames} wave released to {recipients}", {
                              tierNames: tierNames[tier],
                              recipients: count(recipients, "partner"),
                          }),
                          tone: "good" as const,
                      },
                  ],
        ),
        ...[...Map.groupBy(artifacts, ({ versionAt }) => versionAt)].map(([at, added]) => ({
            id: t("artifacts {at}", { at }),
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
                      text: t("Exploitation seen by {by}", { by: exploited.by }),
                      tone: "bad" as const,
                  },
              ]),
        ...(subject.closure === null
            ? []
            : [
                  {
                      id: "closed",
                      at: subject.closure.at,
                      text: t("Case {kind}", { kind: subject.closure.kind }),
                      tone: "due" as const,
                  },
              ]),
    ]
    return items.toSorted((a, b) => b.at.localeCompare(a.at))
}

function addedText(added: ActivityInput["artifacts"]): string {
    const [first] = added
    if (first === undefined || added.length > 1) return t("{added} added", { added: count(added.length, "artifact") })
    return first.version === 1
        ? t("{name} added", { name: first.name })
        : t("{name}, version {version}, added", { name: first.name, version: first.version })
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
            const what =
                group.length === 1
                    ? t("the {tierNames} wave", { tierNames: tierNames[first.tier] })
                    : t("{group} waves", { group: group.length })
            return [{ id: `${first.id} ${verb}`, at, text: `${person} ${verb} ${what}`, tone }]
        })
    return [
        ...joined("requested", "due", ({ requestedBy, requestedAt }) => [requestedBy, requestedAt]),
        ...joined("signed", "good", ({ signedBy, signedAt }) => [signedBy, signedAt]),
    ]
}
