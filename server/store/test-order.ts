/** The tests, newest first: kept sorted, so a page costs as much among 20,000 as among ten. */
import type { Place } from '../../protocol/list-cursor'
import { lowerBound } from '../../protocol/lower-bound'

export class TestOrder {
  private places: Place[] = []

  /** Sorts all at once. Of those with one id, the last counts. */
  fill(places: readonly Place[]): void {
    this.places = [...new Map(places.map((place) => [place.id, place])).values()].sort(compare)
  }

  add(place: Place): void {
    this.places.splice(this.rankBehind(place), 0, place)
  }

  remove(id: string): void {
    const index = this.places.findIndex((place) => place.id === id)
    if (index >= 0) this.places.splice(index, 1)
  }

  /** The first places, or the first behind that one. */
  page(limit: number, after?: Place): { places: Place[]; isLast: boolean } {
    const begin = after ? this.rankBehind(after) : 0
    const end = begin + limit
    return { places: this.places.slice(begin, end), isLast: end >= this.places.length }
  }

  private rankBehind(place: Place): number {
    return lowerBound(this.places.length, (index) => compare(this.places[index]!, place) > 0)
  }
}

/** Tests created at the same time are in the order of their ids. */
const compare = (a: Place, b: Place) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
