/** Partners' reports about exploitation of a case, including zero reports: who, when and what. */
import { writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { Empty, Loaded, Notice } from "../../../kit/notice.tsx"
import { SightingsTable } from "../../../kit/sightings.tsx"
import { Section } from "../../../kit/table.tsx"
import { useMatrix } from "../case-reads.ts"
import { usePublication } from "../publication.tsx"
import { Reporter, useCan, useMayRead, useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

export function Sightings({ id: subject }: { id: string }) {
    const can = useCan()
    const sightings = useMayRead("sighting:read", `/api/sightings?case=${subject}`)
    if (!can("sighting:read")) return null
    return (
        <Section title={t("Sightings")}>
            <CountsAsExploited id={subject} />
            <Loaded query={sightings}>
                {({ sightings }) =>
                    sightings.length === 0 ? (
                        <Empty title={t("No reports of exploitation yet.")} />
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
                    )
                }
            </Loaded>
        </Section>
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
                    requests={[
                        { name: "reason", label: t("Reason"), kind: "text", hint: t("why the reports are false") },
                    ]}
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
