/** The recalls of an artifact: starts one, lists each holder's notice and confirmation, and lifts it. */
import { recallReasonMax } from "../../../../server/src/share/artifacts/recall.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog, reasonField } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Facts, Section, Table } from "../../kit/table.tsx"
import type { Artifact, Holder, Recall } from "../answers.ts"
import { useCan, useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

export function Recalls({ artifact }: { artifact: Artifact }) {
    const may = useCan()("recall:read")
    const recalls = useRead(may ? `/api/artifacts/${artifact.id}/recalls` : null)
    return (
        <Section title={t("Recalls")} aside={<RecallDialog artifact={artifact} />}>
            <Loaded query={recalls}>
                {({ recalls }) =>
                    recalls.length === 0 ? (
                        <Empty title={t("No recalls.")} />
                    ) : (
                        recalls.map((recall) => <OneRecall key={recall.id} recall={recall} />)
                    )
                }
            </Loaded>
        </Section>
    )
}

function RecallDialog({ artifact }: { artifact: Artifact }) {
    const versions = Array.from({ length: artifact.version }, (_, n) => String(n + 1)).toReversed()
    return (
        <FormDialog
            button={t("Recall…")}
            buttonLook="danger"
            title={t("Recall {artifact}", { artifact: artifact.name })}
            submit={t("Recall now")}
            look="danger"
            disabledReason={useWhyNot()("artifact:recall")}
            requests={[
                {
                    name: "version",
                    label: t("Version"),
                    kind: "choice",
                    from: [
                        { value: "every", name: t("all versions") },
                        ...versions.map((value) => ({ value, name: t("version {version}", { version: value }) })),
                    ],
                },
                {
                    ...reasonField,
                    length: { min: 1, max: recallReasonMax },
                    hint: t("kept encrypted; partners do not see it"),
                },
            ]}
            write={({ version, reason }) =>
                writeTo("POST", `/api/artifacts/${artifact.id}/recalls`, {
                    version: version === "every" ? null : Number(version),
                    reason,
                })
            }
        >
            <p>
                {t(
                    "Partners can no longer read or fetch it, and waves are released without it. You cannot call back fetched copies: each partner that fetched it must delete its copies and confirm that. You can recall alone; two people lift a recall.",
                )}
            </p>
        </FormDialog>
    )
}

function OneRecall({ recall }: { recall: Recall }) {
    const names = useNames()
    const confirmed = recall.holders.filter((holder) => holder.confirmedAt !== null).length
    const untold = recall.holders.some((holder) => holder.unnotifiedReason !== null)
    const { version } = recall
    const name = version === null ? t("Recall of all versions") : t("Recall of version {version}", { version })
    return (
        <article className="card" aria-label={name}>
            <Facts
                items={[
                    [t("Recalled"), version === null ? t("all versions") : t("version {version}", { version })],
                    [t("When"), <When key="at" at={recall.at} />],
                    [t("By"), names.person(recall.by)],
                    [t("Reason"), recall.reason],
                    [
                        t("Deleted"),
                        t("confirmed by {confirmed} of {holders, plural, one {# holder} other {# holders}}", {
                            confirmed,
                            holders: recall.holders.length,
                        }),
                    ],
                    ...(recall.liftedAt === null
                        ? []
                        : [[t("Lifted"), <When key="ended" at={recall.liftedAt} />] as const]),
                ]}
            />
            {recall.holders.length > 0 && <Holders holders={recall.holders} />}
            {recall.liftedAt === null && <RecallActions recall={recall} untold={untold} />}
        </article>
    )
}

function Holders({ holders }: { holders: readonly Holder[] }) {
    const names = useNames()
    return (
        <Table
            caption={t("Holders")}
            rows={holders}
            keyOf={({ partner }) => partner}
            columns={[
                { name: t("Partner"), cell: ({ partner }) => <strong>{names.partner(partner)}</strong> },
                {
                    name: t("Holds"),
                    cell: ({ versions }) => versions.map((version) => t("version {version}", { version })).join(", "),
                },
                {
                    name: t("Notified"),
                    cell: ({ notifiedAt: toldAt, unnotifiedReason: waits }) =>
                        waits === null ? <When at={toldAt} short /> : <Badge tone="due">{valueText(waits)}</Badge>,
                },
                {
                    name: t("Confirmed deletion"),
                    cell: ({ confirmedAt, lacksCaseAccess: isOutOfReach }) =>
                        confirmedAt === null ? (
                            <Badge tone="bad">{isOutOfReach ? t("out of reach") : t("not confirmed")}</Badge>
                        ) : (
                            <Badge tone="good">
                                <When at={confirmedAt} short />
                            </Badge>
                        ),
                },
            ]}
        />
    )
}

function RecallActions({ recall, untold }: { recall: Recall; untold: boolean }) {
    const whyNot = useWhyNot()
    return (
        <>
            <div className="row end">
                {untold && (
                    <Do
                        disabledReason={whyNot("artifact:recall")}
                        write={writeTo("POST", `/api/recalls/${recall.id}/resend-notices`)}
                    >
                        {t("Notify again")}
                    </Do>
                )}
                <Do
                    disabledReason={whyNot("recall:lift")}
                    write={writeTo("POST", `/api/recalls/${recall.id}/lift`, {})}
                >
                    {t("Request lifting")}
                </Do>
            </div>
        </>
    )
}
