/** The protection status that partners reported for a case, and how long protection took. */
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { When } from "../../../kit/instant.tsx"
import { ProtectionBadge } from "../../../kit/protection.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import { Reporter, useCan, useMayRead } from "../../artifacts/viewer.tsx"
import { locale, t } from "../../../messages/message.ts"

export function Protection({ id: subject }: { id: string }) {
    const can = useCan()
    const path = `/api/protection-statuses?case=${subject}` as const
    const query = useMayRead("sighting:read", path)
    if (!can("sighting:read")) return null
    return (
        <Section title={t("Protection status")}>
            <Loaded query={query}>
                {({ protections }) =>
                    protections.length === 0 ? (
                        <Empty title={t("No protection status yet.")} />
                    ) : (
                        <Table
                            caption={t("Protection statuses, newest first; the newest of each partner counts")}
                            rows={protections}
                            keyOf={({ partner, reportedAt, state, note }) =>
                                `${partner} ${reportedAt} ${state} ${note}`
                            }
                            columns={[
                                {
                                    name: t("Partner"),
                                    cell: (row) => <Reporter subject={row} />,
                                },
                                { name: t("State"), cell: (row) => <ProtectionBadge shownProtection={row} /> },
                                { name: t("Took"), cell: ({ tookMs }) => tookMs !== null && hours(tookMs), end: true },
                                { name: t("Note"), cell: ({ note }) => note },
                                { name: t("Reported"), cell: ({ reportedAt }) => <When at={reportedAt} short /> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false })

const hours = (ms: number): string => t("{hours} h", { hours: tenths.format(ms / 3_600_000) })
