/** What happened in a case, from what its screens know already. Pure. */
import type { Closure } from "../../../../../server/src/share/cases/case.ts"
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import type { Case, Wave } from "../../answers.ts"
import { tierNames } from "../../words.ts"
import { t, valueText } from "../../../messages/message.ts"

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
    /** `partner`: the name; null: staff saw it. */
    readonly exploited: { readonly at: string; readonly partner: string | null } | null
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

const closingTexts: Readonly<Record<Closure["kind"], string>> = {
    cancelled: t("Case cancelled"),
    withdrawn: t("Case withdrawn"),
}

/** Returns what happened, newest first. */
export function activityOf(input: ActivityInput): readonly ActivityItem[] {
    const { subject, waves, artifacts, requests, exploited } = input
    const items: ActivityItem[] = [
        { id: "opened", at: subject.createdAt, text: t("Case opened"), tone: "" },
        ...subject.embargo.map(({ kind, at }, n) => ({
            id: `embargo:${n}`,
            at,
            text: embargoTexts[kind] ?? t("Embargo: {kind}", { kind: valueText(kind) }),
            tone: kind === "terminated" ? ("bad" as const) : ("" as const),
        })),
        ...waves.flatMap(({ id, tier, releasedAt, recipients }) =>
            releasedAt === null
                ? []
                : [
                      {
                          id,
                          at: releasedAt,
                          text: t("{tier} wave released to {count, plural, one {# partner} other {# partners}}", {
                              tier: tierNames[tier],
                              count: recipients,
                          }),
                          tone: "good" as const,
                      },
                  ],
        ),
        ...[...Map.groupBy(artifacts, ({ versionAt }) => versionAt)].map(([at, added]) => ({
            id: `artifacts:${at}`,
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
                      text:
                          exploited.partner === null
                              ? t("Exploitation seen by staff")
                              : t("Exploitation seen by {partner}", { partner: exploited.partner }),
                      tone: "bad" as const,
                  },
              ]),
        ...(subject.closure === null
            ? []
            : [
                  {
                      id: "closed",
                      at: subject.closure.at,
                      text: closingTexts[subject.closure.kind],
                      tone: "due" as const,
                  },
              ]),
    ]
    return items.toSorted((a, b) => b.at.localeCompare(a.at))
}

function addedText(added: ActivityInput["artifacts"]): string {
    const [first] = added
    if (first === undefined || added.length > 1)
        return t("{count, plural, one {# artifact} other {# artifacts}} added", { count: added.length })
    return first.version === 1
        ? t("{name} added", { name: first.name })
        : t("{name}, version {version}, added", { name: first.name, version: first.version })
}

type Request = ActivityInput["requests"][number]

const actTexts = {
    requested: {
        one: (person: string, tier: string) => t("{person} requested the {tier} wave", { person, tier }),
        several: (person: string, count: number) => t("{person} requested {count} waves", { person, count }),
    },
    signed: {
        one: (person: string, tier: string) => t("{person} signed the {tier} wave", { person, tier }),
        several: (person: string, count: number) => t("{person} signed {count} waves", { person, count }),
    },
} as const

type Verb = keyof typeof actTexts

/** Joins what one person did at one instant. */
function requestItems(requests: readonly Request[]): ActivityItem[] {
    const joined = (verb: Verb, tone: ActivityItem["tone"], by: (request: Request) => readonly (string | null)[]) =>
        [...Map.groupBy(requests, (request) => by(request).join("\n"))].flatMap(([, group]): ActivityItem[] => {
            const [first] = group
            if (first === undefined) return []
            const [person = null, at = null] = by(first)
            if (person === null || at === null) return []
            const text =
                group.length === 1
                    ? actTexts[verb].one(person, tierNames[first.tier])
                    : actTexts[verb].several(person, group.length)
            return [{ id: `${first.id} ${verb}`, at, text, tone }]
        })
    return [
        ...joined("requested", "due", ({ requestedBy, requestedAt }) => [requestedBy, requestedAt]),
        ...joined("signed", "good", ({ signedBy, signedAt }) => [signedBy, signedAt]),
    ]
}
