/** Imports partners and their people from a file: the dry run by line, then the request for a second signature. */
import { useNavigate } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { type ImportFormat, importFormats } from "../../../../../server/src/trust/partners/imports/import-format.ts"
import { partnerRoles } from "../../../../../server/src/trust/identity/person.ts"
import { type Tier, tiers } from "../../../../../server/src/trust/partners/partner.ts"
import type { PartnerRole } from "../../../../../server/src/kernel/actor.ts"
import { useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { Field, choicesOf } from "../../../kit/field.tsx"
import { FileField, bytesMark } from "../../../kit/file-field.tsx"
import { useSettled } from "../../../kit/form/typing-pause.ts"
import { Page } from "../../../kit/layout/page.tsx"
import { Failed, Loaded } from "../../../kit/notice.tsx"
import { type AnswerTo, useAnswer, writeTo } from "../../api.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { Lines, Sums, formatNames } from "./plan.tsx"
import { t } from "../../../messages/message.ts"

const typingMs = 400

interface Choices {
    readonly format: ImportFormat | ""
    readonly tier: Tier
    readonly role: PartnerRole
}

const path = [{ to: "/partners", name: t("Partners") }]

export function ImportPage() {
    const [file, setFile] = useState("")
    const [choices, setChoices] = useState<Choices>({ format: "", tier: "entry", role: "analyst" })
    const settled = useSettled(file, typingMs)
    const isBase64 = settled.startsWith(bytesMark)
    const { format, ...facts } = choices
    const content = isBase64 ? settled.slice(bytesMark.length) : settled
    const body = { content, isBase64, ...facts, ...(format !== "" && { format }) }
    const lacks = useWhyNot()("partner:write")
    const isEmpty = content.trim() === ""
    const preview = useAnswer("/api/partner-imports/preview", isEmpty || lacks !== null ? null : body)
    return (
        <Page
            title={t("Import partners")}
            path={path}
            lead={t("An import adds partners and people. It changes and admits no partner, and gives no content.")}
        >
            <div className="form">
                <FileField
                    label={t("File")}
                    value={file}
                    onChange={setFile}
                    anyBytes
                    hint={t(
                        "CSV with the columns name and mail; Kubernetes groups.yaml; a Mailman roster; or an OpenPGP keyring",
                    )}
                />
                <Options choices={choices} onChange={setChoices} />
            </div>
            {isEmpty ? (
                <Request body={body} plan={null} lacks={lacks} />
            ) : (
                <Loaded query={preview}>
                    {(plan) => (
                        <>
                            <Sums plan={plan} />
                            <Request body={body} plan={plan} lacks={lacks} />
                            <Lines lines={plan.lines} />
                        </>
                    )}
                </Loaded>
            )}
        </Page>
    )
}

interface OptionsProps {
    choices: Choices
    onChange: (choices: Choices) => void
}

function Options({ choices, onChange }: OptionsProps): ReactNode {
    const recognised = { value: "" as const, name: t("recognised from the file") }
    const formats = importFormats.map((value) => ({ value, name: formatNames[value] }))
    return (
        <div className="row">
            <Field
                kind="choice"
                label={t("Format")}
                value={choices.format}
                from={[recognised, ...formats]}
                onChange={(format) => onChange({ ...choices, format: format as Choices["format"] })}
            />
            <Field
                kind="choice"
                label={t("Tier where the file has none")}
                value={choices.tier}
                from={tiers.map((value) => ({ value, name: tierNames[value] }))}
                onChange={(tier) => onChange({ ...choices, tier: tier as Tier })}
            />
            <Field
                kind="choice"
                label={t("Role where the file has none")}
                value={choices.role}
                from={choicesOf(partnerRoles)}
                onChange={(role) => onChange({ ...choices, role: role as PartnerRole })}
            />
        </div>
    )
}

interface RequestProps {
    body: Parameters<typeof writeTo<"POST", "/api/partner-imports">>[2]
    /** Null: no file yet. */
    plan: AnswerTo<"/api/partner-imports/preview", "POST"> | null
    lacks: string | null
}

function Request({ body, plan, lacks }: RequestProps) {
    const navigate = useNavigate()
    const request = useWrite(
        ({ approval }: AnswerTo<"/api/partner-imports", "POST">) =>
            void navigate({ to: `/partners/import/${approval}` }),
    )
    const { partners = 0, people = 0 } = plan?.sums ?? {}
    const nothing =
        plan === null ? t("choose or paste a file first") : t("no line adds a partner or a person: see the reasons")
    return (
        <div className="row end">
            <span className="muted">{t("Needs a second signature.")}</span>
            <Failed error={request.error} />
            <Button
                look="main"
                busy={request.isPending}
                disabledReason={lacks ?? (partners + people === 0 ? nothing : null)}
                onPress={() => request.mutate(writeTo("POST", "/api/partner-imports", body))}
            >
                {t("Request import")}
            </Button>
        </div>
    )
}
