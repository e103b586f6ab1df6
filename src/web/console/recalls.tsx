/** The recalls of an artifact: calling it back, each holder with what it was told and confirmed, and giving it back. */
import { recallReasonMax } from "../../share/artifacts/recall.ts"
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Section, Table } from "../kit/table.tsx"
import type { Artifact, Holder, Recall } from "./answers.ts"
import { useCan, useNames, useWhyNot } from "./viewer.tsx"

export function Recalls({ of }: { of: Artifact }) {
    const may = useCan()("recall:read")
    const recalls = useRead<{ recalls: readonly Recall[] }>(may ? `/api/artifacts/${of.id}/recalls` : null)
    return (
        <Section title="Recalls" aside={<RecallDialog of={of} />}>
            <Loaded of={recalls}>
                {({ recalls: all }) =>
                    all.length === 0 ? (
                        <Empty title="It was never recalled." />
                    ) : (
                        all.map((one) => <OneRecall key={one.id} of={one} />)
                    )
                }
            </Loaded>
        </Section>
    )
}

function RecallDialog({ of }: { of: Artifact }) {
    const versions = Array.from({ length: of.version }, (_, n) => String(n + 1)).toReversed()
    return (
        <FormDialog
            button="Recall…"
            buttonLook="danger"
            title={`Recall ${of.name}`}
            submit="Recall it now"
            look="danger"
            not={useWhyNot()("artifact:recall")}
            asked={[
                {
                    name: "version",
                    label: "What of it",
                    kind: "choice",
                    from: [
                        { value: "every", name: "every version" },
                        ...versions.map((value) => ({ value, name: `version ${value}` })),
                    ],
                },
                {
                    name: "reason",
                    label: "Reason",
                    kind: "text",
                    length: { min: 1, max: recallReasonMax },
                    hint: "Kept sealed; partners are not told it.",
                },
            ]}
            write={({ version, reason }) => ({
                method: "POST",
                path: `/api/artifacts/${of.id}/recalls`,
                body: { version: version === "every" ? null : Number(version), reason },
            })}
        >
            <p>
                From now on no partner reads it, and waves fall without it. Copies that are held cannot be called back:
                each partner that fetched it is asked to delete its own, and to confirm that. One person suffices; to
                let it be read again takes two.
            </p>
        </FormDialog>
    )
}

function OneRecall({ of }: { of: Recall }) {
    const names = useNames()
    const confirmed = of.holders.filter((one) => one.confirmedAt !== null).length
    const untold = of.holders.some((one) => one.waits !== null)
    const what = of.version === null ? "every version" : `version ${of.version}`
    return (
        <article className="card" aria-label={`The recall of ${what}`}>
            <Facts
                of={[
                    ["Recalled", what],
                    ["When", <When key="at" at={of.at} />],
                    ["By", names.person(of.by)],
                    ["Reason", of.reason],
                    ["Deleted", `${confirmed} of ${of.holders.length} who hold it have confirmed`],
                    ...(of.endedAt === null
                        ? []
                        : [["Read again since", <When key="ended" at={of.endedAt} />] as const]),
                ]}
            />
            {of.holders.length > 0 && <Holders of={of.holders} />}
            {of.endedAt === null && <RecallActions of={of} untold={untold} />}
        </article>
    )
}

function Holders({ of }: { of: readonly Holder[] }) {
    const names = useNames()
    return (
        <Table
            caption="Who holds it"
            rows={of}
            keyOf={({ partner }) => partner}
            columns={[
                { name: "Partner", cell: ({ partner }) => <strong>{names.partner(partner)}</strong> },
                { name: "Holds", cell: ({ versions }) => versions.map((one) => `version ${one}`).join(", ") },
                {
                    name: "Told",
                    cell: ({ toldAt, waits }) =>
                        waits === null ? <When at={toldAt} short /> : <Badge tone="due">{waits}</Badge>,
                },
                {
                    name: "Confirmed deletion",
                    cell: ({ confirmedAt, isOutOfReach }) =>
                        confirmedAt === null ? (
                            <Badge tone="bad">{isOutOfReach ? "out of reach" : "not confirmed"}</Badge>
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

function RecallActions({ of, untold }: { of: Recall; untold: boolean }) {
    const whyNot = useWhyNot()
    return (
        <>
            <div className="row end">
                {untold && (
                    <Do
                        not={whyNot("artifact:recall")}
                        write={{ method: "POST", path: `/api/recalls/${of.id}/resend-notices` }}
                    >
                        Tell those anew who were not told
                    </Do>
                )}
                <Do
                    not={whyNot("recall:lift")}
                    write={{ method: "POST", path: `/api/recalls/${of.id}/lift`, body: {} }}
                >
                    Ask to let it be read again
                </Do>
            </div>
        </>
    )
}
