import type { Query } from '../pipeline/plan/query.ts';
import { medianFollowersByAgeGroup } from './median_followers_by_age_group.ts';
import { medianFollowersByJoinYear } from './median_followers_by_join_year.ts';
import { medianFollowersByJoinYearAndAgeGroup } from './median_followers_by_join_year_and_age_group.ts';
import { mostPopularCategoryByAgeGroup } from './most_popular_category_by_age_group.ts';
import { mostPopularCategoryByCountry } from './most_popular_category_by_country.ts';
import { mostPopularCategoryByYear } from './most_popular_category_by_year.ts';
import { countryWithTopUser, topUserByCountry } from './top_user_by_country.ts';
import { usersJoinedByYear } from './users_joined_by_year.ts';

/** The eight questions, the third of which has two tables. To add one is to write its file and name it here. */
export const queries: readonly Query[] = [
  mostPopularCategoryByCountry,
  mostPopularCategoryByYear,
  topUserByCountry,
  countryWithTopUser,
  mostPopularCategoryByAgeGroup,
  medianFollowersByAgeGroup,
  usersJoinedByYear,
  medianFollowersByJoinYear,
  medianFollowersByJoinYearAndAgeGroup,
];
