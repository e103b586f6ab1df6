/** Partners' reports about exploitation of a case, including zero reports: who, when and what. */
import { writeTo } from "../../api.ts"
import { FormDialog, reasonField } from "../../../kit/form.tsx"
import { wordsOf } from "../../../kit/instant.tsx"
import { Empty, Loaded, NoAccess, Notice } from "../../../kit/notice.tsx"
import { SightingsTable } from "../../../kit/sightings.tsx"
import { Section } from "../../../kit/table.tsx"
import { useMatrix } from "../case-reads.ts"
import { usePublication } from "../publication.tsx"
import { useFollowUps, useSightings } from "./reports-reads.ts"
import { type Sighting, partnersWithoutReport, sightingCounts } from "./sighting-counts.ts"
import { Reporter, useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

export function SightingsView({ id: subject }: { id: string }) {
    const whyNot = useWhyNot()("sighting:read")
    const query = useSightings(subject)
    if (whyNot !== null) return <NoAccess reason={whyNot} />
    return (
        <>
            <CountsAsExploited id={subject} />
            <Loaded query={query}>
                {({ sightings }) => (
                    <>
                        {sightings.length > 0 && <Counts caseId={subject} sightings={sightings} />}
                        <Section title={t("Sightings")} count={sightings.length}>
                            {sightings.length === 0 ? (
                                <Empty title={t("No reports of exploitation yet.")}>
                                    {t("Partners report exploitation, or that they searched and found none.")}
                                </Empty>
                            ) : (
                                <SightingsTable
                                    caption={t("Reports of partners, newest first")}
                                    rows={sightings}
                                    keyOf={({ partner, id }) => `${partner} ${id}`}
                                    by={{
                                        name: t("Partner"),
                                        cell: (row) => <Reporter subject={row} />,
                                    }}
                                />
                            )}
                        </Section>
                    </>
                )}
            </Loaded>
        </>
    )
}

/** Counts partners by report, without withdrawn reports. */
function Counts({ caseId, sightings }: { caseId: string; sightings: readonly Sighting[] }) {
    const followUps = useFollowUps(caseId).data?.followUps
    const { saw, firstAt, foundNone } = sightingCounts(sightings)
    const missing = followUps === undefined ? null : partnersWithoutReport(followUps)
    const figures = [
        [
            String(saw),
            t("{count, plural, one {partner saw exploitation} other {partners saw exploitation}}", { count: saw }),
        ],
        [firstAt === null ? t("none") : wordsOf(firstAt), t("first seen")],
        [
            String(foundNone),
            t("{count, plural, one {partner found none} other {partners found none}}", { count: foundNone }),
        ],
        ...(missing === null
            ? []
            : [
                  [
                      String(missing),
                      t("{count, plural, one {partner has not reported} other {partners have not reported}}", {
                          count: missing,
                      }),
                  ] as const,
              ]),
    ] as const
    return (
        <div className="figures">
            {figures.map(([value, name]) => (
                <div key={name}>
                    <span className="v">{value}</span>
                    <span className="k">{name}</span>
                </div>
            ))}
        </div>
    )
}

/**
 * Shows whether decisions treat the case as exploited, by reports of partners and staff. Reports count until
 * publication.
 */
function CountsAsExploited({ id: subject }: { id: string }) {
    const disabledReason = useWhyNot()("exploitation:dismiss")
    const exploited = useMatrix(subject).data?.exploited === true
    const publication = usePublication(subject)
    const waits = publication?.state === "due" && publication.contradictsReports
    if (publication?.advisory !== null || !(exploited || waits)) return null
    return (
        <Notice tone="due">
            <span>
                {waits
                    ? t("Exploitation is reported, and the public text denies it. The case is not published.")
                    : t(
                          "The case counts as exploited. Partners with a duty for exploited vulnerabilities get before publication only what the policy gives under that duty.",
                      )}
            </span>
            <span className="row">
                <FormDialog
                    button={t("Dismiss reports…")}
                    title={t("Dismiss the reports of exploitation")}
                    submit={t("Dismiss reports")}
                    disabledReason={disabledReason}
                    requests={[{ ...reasonField, hint: t("why the reports are false") }]}
                    write={(body) => writeTo("POST", `/api/cases/${subject}/dismiss-reports`, body)}
                >
                    <p className="muted">
                        {t(
                            "The reports stay in the audit log and no longer count. {waits, select, yes {The public text is published within an hour.} other {Partners get what the reports withheld from them.}} A later report counts again. Needs a second signature.",
                            { waits: waits ? "yes" : "no" },
                        )}
                    </p>
                </FormDialog>
            </span>
        </Notice>
    )
}
