/** Shows content of the text editor in the rail of the page, where there is one. */
import { type ReactNode, createContext, useContext } from "react"
import { createPortal } from "react-dom"

/** The element in the rail; null while it is not there. */
const Place = createContext<HTMLElement | null>(null)

export const RailPlace = Place.Provider

/** Shows its children in the rail, or here where no rail is. */
export function InRail({ children }: { children: ReactNode }) {
    const place = useContext(Place)
    return place === null ? children : createPortal(children, place)
}
