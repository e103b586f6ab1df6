/** Views that the viewer saved in this browser. A view is an address. */
import { useLocation, useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import { Button } from "../../../kit/button.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { t } from "../../../messages/message.ts"

interface OwnView {
    readonly name: string
    /** The address after `?`. */
    readonly search: string
}

const memory = "tocsin partner views"

function savedViews(): readonly OwnView[] {
    const kept = localStorage.getItem(memory)
    return kept === null ? [] : (JSON.parse(kept) as readonly OwnView[])
}

export function OwnViews() {
    const here = useLocation().searchStr
    const navigate = useNavigate()
    const [own, setOwn] = useState(savedViews)
    const [name, setName] = useState<string | null>(null)
    const keep = (next: readonly OwnView[]) => {
        localStorage.setItem(memory, JSON.stringify(next))
        setOwn(next)
        setName(null)
    }
    const isKept = own.some(({ search }) => search === here)
    return (
        <section aria-label={t("Your views")}>
            <p className="side-title">{t("Your views")}</p>
            <ul>
                {own.map((view) => (
                    <li key={view.name} className="row">
                        <button
                            type="button"
                            className={view.search === here ? "on" : ""}
                            onClick={() => void navigate({ href: `/partners${view.search}` })}
                        >
                            {view.name}
                        </button>
                        <button
                            type="button"
                            className="icon-button"
                            aria-label={t("Delete the view {view}", { view: view.name })}
                            onClick={() => keep(own.filter((item) => item !== view))}
                        >
                            <Icon name="close" />
                        </button>
                    </li>
                ))}
            </ul>
            {own.length === 0 && here === "" && (
                <p className="hint">{t("Choose filters, then save them as a view.")}</p>
            )}
            {name === null && here !== "" && !isKept && (
                <Button look="quiet" onPress={() => setName("")}>
                    <Icon name="plus" /> {t("Save this view")}
                </Button>
            )}
            {name !== null && (
                <form
                    className="row"
                    onSubmit={(event) => {
                        event.preventDefault()
                        if (name.trim() !== "") keep([...own, { name: name.trim(), search: here }])
                    }}
                >
                    <input
                        aria-label={t("Name of the view")}
                        placeholder={t("Name")}
                        value={name}
                        maxLength={40}
                        onChange={(event) => setName(event.target.value)}
                    />
                    <Button type="submit">{t("Save")}</Button>
                </form>
            )}
        </section>
    )
}
