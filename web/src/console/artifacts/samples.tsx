/** The test corpus of a rules artifact: samples that it must match and samples that it must not match. */
import type { ReactNode } from "react"
import { sampleExpectations } from "../../../../server/src/share/artifacts/sample.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Artifact } from "../answers.ts"
import type { Sample } from "../access/policy-answers.ts"
import { useNames, useWhyNot } from "./viewer.tsx"
import { rich, t } from "../../messages/message.ts"

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

export function SamplesDialog({ artifact }: { artifact: Artifact }) {
    return (
        <Opens
            button={<>{rich("Samples… <unseen>of {name}</unseen>", { unseen, name: artifact.name })}</>}
            title={t("Samples of {name}", { name: artifact.name })}
            wide
        >
            {() => <Samples artifact={artifact} />}
        </Opens>
    )
}

function Samples({ artifact }: { artifact: Artifact }) {
    const path = `/api/artifacts/${artifact.id}/samples` as const
    const samples = useRead(path)
    return (
        <>
            <div className="row">
                <p className="muted">
                    {t("The rules run against these samples at each release and each read of the master.")}
                </p>
                <AddDialog path={path} />
            </div>
            <Loaded query={samples}>
                {({ samples }) =>
                    samples.length === 0 ? (
                        <Empty title={t("No samples yet. Add one to show that the rules match.")} />
                    ) : (
                        <SamplesTable samples={samples} path={path} />
                    )
                }
            </Loaded>
        </>
    )
}

type SamplesPath = `/api/artifacts/${string}/samples`

function SamplesTable({ samples, path }: { samples: readonly Sample[]; path: SamplesPath }) {
    const names = useNames()
    return (
        <Table
            caption={t("Samples")}
            rows={samples}
            keyOf={({ id }) => id}
            columns={[
                { name: t("Name"), cell: ({ name }) => <strong>{name}</strong> },
                {
                    name: t("The rules"),
                    cell: ({ must }) => <Badge>{must === "hit" ? t("must match") : t("must not match")}</Badge>,
                },
                { name: t("Added by"), cell: ({ addedBy }) => names.person(addedBy) },
                { name: t("At"), cell: ({ addedAt }) => <When at={addedAt} short /> },
                { name: t("Actions"), cell: (sample) => <SampleActions sample={sample} path={path} />, end: true },
            ]}
        />
    )
}

function SampleActions({ sample, path }: { sample: Sample; path: SamplesPath }) {
    const disabledReason = useWhyNot()("artifact:write")
    return (
        <span className="row end">
            <Opens
                button={<>{rich("Read… <unseen>{name}</unseen>", { unseen, name: sample.name })}</>}
                title={sample.name}
                wide
            >
                {() => (
                    <>
                        {sample.base64 && <p className="muted">{t("Shown in Base64.")}</p>}
                        <Reading label={t("The sample")} text={sample.content} />
                    </>
                )}
            </Opens>
            <Do disabledReason={disabledReason} write={writeTo("DELETE", `${path}/${sample.id}`)}>
                {rich("Remove <unseen>{name}</unseen>", { unseen, name: sample.name })}
            </Do>
        </span>
    )
}

const mustNames = { hit: t("match it"), miss: t("not match it") }

function AddDialog({ path }: { path: SamplesPath }) {
    return (
        <FormDialog
            button={t("Add a sample…")}
            title={t("Add a sample")}
            submit={t("Add sample")}
            wide
            disabledReason={useWhyNot()("artifact:write")}
            requests={[
                { name: "name", label: t("Name"), kind: "line" },
                {
                    name: "must",
                    label: t("The rules must"),
                    kind: "choice",
                    from: sampleExpectations.map((value) => ({ value, name: mustNames[value] })),
                },
                {
                    name: "content",
                    label: t("Sample"),
                    kind: "file",
                    hint: t(
                        "Sigma: log events as JSON, one, a list, or one on each line. YARA: a text, or bytes in Base64",
                    ),
                },
                { name: "base64", label: t("The sample is Base64"), kind: "check" },
            ]}
            write={({ name, must, content, base64 }) =>
                writeTo("POST", path, { name, must, content, base64: base64 === "yes" })
            }
        />
    )
}
