/** The list of evidence, and the form that adds a leak. */
import { Link, useNavigate } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { bytesMark } from "../../../kit/file-field.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { wordsOf } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Badge } from "../../../kit/table.tsx"
import { FileCatalogue, FileSeen, seenFields } from "../../cases/reports/observations.tsx"
import { useCaseChoices, useNames, useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { evidenceIcons, nameOfEvidence, useEvidence } from "./evidence-reads.ts"
import { t, valueText } from "../../../messages/message.ts"

export function EvidenceList() {
    const evidence = useEvidence()
    const names = useNames()
    return (
        <Page
            title={t("Evidence")}
            lead={t("What was observed or leaked, and which copy does it come from?")}
            aside={
                <>
                    <FileCatalogue />
                    <FileSeen />
                    <AddLeak />
                </>
            }
        >
            <Loaded query={evidence}>
                {({ evidence }) =>
                    evidence.length === 0 ? (
                        <Empty title={t("No evidence yet.")}>
                            {t(
                                "Add a leak: Tocsin compares it with each copy. An observation appears in its case and can propose the end of an embargo.",
                            )}
                        </Empty>
                    ) : (
                        <ul className="panel list">
                            {evidence.map((item) => (
                                <li key={item.id}>
                                    <span className={item.kind === "leak" ? "square bad" : "square"}>
                                        <Icon name={evidenceIcons[item.kind]} />
                                    </span>
                                    <div className="grow">
                                        <Link className="title" to={`/leaks/evidence/${item.id}`}>
                                            {nameOfEvidence(item)}
                                        </Link>
                                        <div className="why">
                                            {[item.case === null ? null : names.case(item.case), item.source]
                                                .filter((part) => part !== null)
                                                .join(" · ")}
                                        </div>
                                    </div>
                                    {item.isHeld && <Badge tone="due">{t("legal hold")}</Badge>}
                                    {item.deletedAt !== null && <Badge>{t("deleted")}</Badge>}
                                    <Badge tone={item.kind === "leak" ? "bad" : "plain"}>{valueText(item.kind)}</Badge>
                                    <span className="by">
                                        {wordsOf(item.observedAt)}
                                        <small className="block">
                                            {t("clock {clock}", { clock: valueText(item.clock) })}
                                        </small>
                                    </span>
                                </li>
                            ))}
                        </ul>
                    )
                }
            </Loaded>
        </Page>
    )
}

function AddLeak() {
    const navigate = useNavigate()
    const now = useNow()
    const from = useCaseChoices()
    return (
        <FormDialog
            button={t("Add a leak…")}
            title={t("Add a leak")}
            buttonLook="main"
            submit={t("Add the leak")}
            wide
            disabledReason={useWhyNot()("evidence:write")}
            requests={[
                { name: "name", label: t("Name"), kind: "line", hint: t("for example: excerpt on a paste site") },
                {
                    name: "source",
                    label: t("Source"),
                    kind: "line",
                    hint: t("the place where it was found, and the person who found it"),
                },
                {
                    name: "case",
                    label: t("Case"),
                    kind: "choice",
                    from,
                    optional: true,
                    hint: t("none: compared with the copies of all cases"),
                },
                {
                    name: "content",
                    label: t("Content"),
                    kind: "file",
                    anyBytes: true,
                    hint: t("unchanged; texts and archives (zip, tar, gzip) are read, other files are stored"),
                },
                ...seenFields(t("Observed at"), now),
            ]}
            write={({ content, case: caseId, ...words }) => {
                const input = content.startsWith(bytesMark)
                    ? { content: content.slice(bytesMark.length), encoding: "base64" as const }
                    : { content }
                return writeTo("POST", "/api/evidence", {
                    kind: "leak",
                    ...words,
                    ...input,
                    case: caseId === "" ? null : caseId,
                })
            }}
            onDone={(answer) => void navigate({ to: `/leaks/evidence/${answer.evidence}` })}
        />
    )
}
