/** One partner: its facts in the header and the rail, its tabs, and the decisions about it in a menu. */
import type { ReactNode } from "react"
import { useRead } from "../../api.ts"
import { dayOf } from "../../../kit/instant.tsx"
import { Columns, Page } from "../../../kit/layout/page.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Badge, Facts, Section } from "../../../kit/table.tsx"
import type { Partner } from "../../answers.ts"
import { tierNames } from "../../words.ts"
import { Deliveries } from "../../release/deliveries.tsx"
import { RestrictionWords } from "../../measures/restriction-text.tsx"
import { StatusBadge } from "../status-badge.tsx"
import { PartnerHistory } from "./history.tsx"
import { PartnerOverview } from "./overview.tsx"
import { PartnerActions } from "./partner-actions.tsx"
import { PartnerKeys } from "./keys.tsx"
import { PartnerRequirementsTab } from "./requirements-tab.tsx"
import { Address, Roster } from "./roster.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

export type PartnerTab = "overview" | "requirements" | "people" | "copies" | "history"

const tabNames: Readonly<Record<PartnerTab, string>> = {
    overview: t("Overview"),
    requirements: t("Requirements"),
    people: t("Keys and people"),
    copies: t("Copies and receipts"),
    history: t("History"),
}

const tabs = Object.keys(tabNames) as readonly PartnerTab[]

export function PartnerScreen({ id, tab }: { id: string; tab: PartnerTab }) {
    const query = useRead(`/api/partners/${id}`)
    return (
        <Loaded query={query}>
            {(partner) => (
                <Page
                    title={partner.name}
                    tabTitle={t("Partner")}
                    path={[{ to: "/partners", name: t("Partners") }]}
                    lead={<HeaderFacts partner={partner} />}
                    aside={<PartnerActions partner={partner} />}
                    tabsLabel={t("Partner")}
                    tabs={tabs.map((name) => ({
                        to: name === "overview" ? `/partners/${id}` : `/partners/${id}/${name}`,
                        name: tabNames[name],
                        ...(name === "requirements" && { count: partner.overdue.length, isUrgent: true }),
                        ...(name === "people" && { count: partner.roster.filter(({ left }) => !left).length }),
                    }))}
                >
                    <Columns rail={<Rail partner={partner} />}>{contentOf(tab, partner)}</Columns>
                </Page>
            )}
        </Loaded>
    )
}

function contentOf(tab: PartnerTab, partner: Partner): ReactNode {
    switch (tab) {
        case "overview":
            return <PartnerOverview partner={partner} />
        case "requirements":
            return <PartnerRequirementsTab partner={partner} />
        case "people":
            return (
                <>
                    <Roster partner={partner} />
                    <PartnerKeys partner={partner} />
                </>
            )
        case "copies":
            return <Deliveries caseId="partner" id={partner.id} />
        case "history":
            return <PartnerHistory partner={partner} />
    }
}

function HeaderFacts({ partner }: { partner: Partner }) {
    const accepted = partner.acceptances.at(-1)
    return (
        <span className="row">
            <StatusBadge partner={partner} />
            <Badge>{t("{tier} tier", { tier: tierNames[partner.tier] })}</Badge>
            {partner.reportsBeforePublication === "always" && (
                <Badge tone="due">{t("reports before publication")}</Badge>
            )}
            {accepted !== undefined && (
                <span className="muted">
                    {accepted.endsAt === null
                        ? t("Agreement {version}", { version: accepted.version })
                        : rich("Agreement {version} until {end}", {
                              version: accepted.version,
                              end: dayOf(accepted.endsAt),
                          })}
                </span>
            )}
        </span>
    )
}

const reportingTexts = {
    never: t("no"),
    when_exploited: t("if a case is exploited"),
    always: t("yes"),
} as const

function Rail({ partner }: { partner: Partner }) {
    const present = partner.roster.filter(({ left }) => !left)
    const usable = partner.keys.filter(({ revokedAt }) => revokedAt === null).length
    return (
        <>
            <Section title={t("Facts")}>
                <Facts
                    items={[
                        [t("Warnings to"), <Address key="mail" partner={partner} person={null} mail={partner.mail} />],
                        [t("Keys"), usable === 0 ? t("none") : t("{count} not revoked", { count: usable })],
                        [t("Restriction"), <RestrictionWords key="restriction" restriction={partner.restriction} />],
                        [t("Reports before publication"), reportingTexts[partner.reportsBeforePublication]],
                    ]}
                />
            </Section>
            <Section title={t("People")} count={present.length}>
                <ul className="panel list">
                    {present.map(({ id, name, roles }) => (
                        <li key={id}>
                            <span className="grow">
                                <span className="title">{name}</span>
                                <span className="why block">{roles.map(valueText).join(", ")}</span>
                            </span>
                        </li>
                    ))}
                </ul>
            </Section>
        </>
    )
}
