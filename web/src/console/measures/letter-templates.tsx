/** Letter templates: the current text of each kind, and the form for a new version. */
import { useState } from "react"
import type { LetterKind } from "../../../../server/src/trace/measures/letter.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Table } from "../../kit/table.tsx"
import { shippedLanguage } from "../../kit/text.ts"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

type Template = AnswerTo<"/api/letter-templates">["templates"][number]

export function TemplateList() {
    const templates = useRead("/api/letter-templates")
    const [chosen, setChosen] = useState<LetterKind | null>(null)
    const disabledReason = useWhyNot()("letter:write")
    return (
        <Loaded query={templates}>
            {({ templates }) => {
                const template = templates.find(({ kind }) => kind === chosen)
                if (template !== undefined) return <Change template={template} onDone={() => setChosen(null)} />
                return (
                    <Table
                        tall
                        caption={t("Current letter templates")}
                        rows={templates}
                        keyOf={({ kind }) => kind}
                        columns={[
                            { name: t("Letter"), cell: ({ kind }) => <strong>{valueText(kind)}</strong> },
                            {
                                name: t("Subject"),
                                cell: ({ subject, version }) => <span {...shippedLanguage(version)}>{subject}</span>,
                            },
                            { name: t("Version"), cell: ({ version }) => (version === 0 ? t("built in") : version) },
                            { name: t("Since"), cell: ({ since }) => since !== null && <When at={since} short /> },
                            {
                                name: t("Actions"),
                                cell: ({ kind, subject }) => (
                                    <Button
                                        look="quiet"
                                        label={t("Change “{subject}”", { subject })}
                                        disabledReason={disabledReason}
                                        onPress={() => setChosen(kind)}
                                    >
                                        {t("Change…")}
                                    </Button>
                                ),
                                end: true,
                            },
                        ]}
                    />
                )
            }}
        </Loaded>
    )
}

const placed = (names: readonly string[]) => names.map((name) => `[${name}]`).join(", ")

function fieldsHint({ fields, required }: Template): string {
    if (required.length === 0) return t("Fields that Tocsin fills: {fields}.", { fields: placed(fields) })
    return t("Fields that Tocsin fills: {fields}. It must contain {required}.", {
        fields: placed(fields),
        required: placed(required),
    })
}

function Change({ template, onDone }: { template: Template; onDone: () => void }) {
    return (
        <AskForm
            requests={[
                { name: "subject", label: t("Subject"), kind: "line", initial: template.subject },
                {
                    name: "text",
                    label: t("Letter"),
                    kind: "text",
                    initial: template.text,
                    hint: fieldsHint(template),
                },
            ]}
            submit={t("Save as version {version}", { version: template.version + 1 })}
            write={(body) => writeTo("PUT", `/api/letter-templates/${encodeURIComponent(template.kind)}`, body)}
            onDone={onDone}
        >
            <p>
                {t(
                    "Template for “{kind}”. Sent letters do not change. You can still edit each letter before you send it.",
                    { kind: valueText(template.kind) },
                )}
            </p>
        </AskForm>
    )
}
